"""``promptyard test`` where rows were written and the prompt would refuse each: it says so, and which."""

from __future__ import annotations

from pathlib import Path

import pytest

GITHUB = """\
name: Joke
model: openai/gpt-4o-mini
messages:
  - {role: user, content: "A joke about {{topic}} in the {{style}} style of {{era}}"}
testData: [{topic: cats}, {topic: dogs}]
evaluators: [{name: has, string: {contains: cat}}]
"""


@pytest.mark.parametrize("words", [(), ("joke",)])
def test_rows_that_the_prompt_refuses_are_told_with_all_that_is_missing(
    run, error_of, plain: Path, words
) -> None:
    for path in (plain / "prompts").rglob("*.suite.yaml"):
        path.unlink()
    (plain / "prompts/joke.prompt.yml").write_text(GITHUB)
    line = error_of(2, ["test", *words])
    assert "EVL005 no row can run: prompts/joke.prompt.yml:5:" in line
    assert "the variables era and style are missing, and so with 1 more" in line


def test_a_prompt_without_rows_is_told_that_it_has_no_suite(error_of, plain: Path) -> None:
    (plain / "prompts/joke.prompt.yml").write_text(GITHUB.partition("testData")[0])
    assert "EVL005 no suite tests joke. Write one" in error_of(2, ["test", "joke"])
