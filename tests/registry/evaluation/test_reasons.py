from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.evaluation.plan import plan
from registry.evaluation.reasons import Explainer, Memory, Reason, questions

PROMPT, SUITE = "prompts/words/shout.prompt.yaml", "prompts/words/shout.suite.yaml"


def looked(
    root: Path, memory: Memory, *, known: bool, cached: bool = True, **changes: str
) -> tuple[Reason, ...]:
    head = arm(write(root, {name.replace("__", "/"): text for name, text in changes.items()}))
    items = plan([head.suites["words/shout"]], [head], engines(root, SpokenEngine()))
    found = Explainer([head], lambda _: known, memory, cached=cached).reasons(items)
    memory.note(questions(items, [head]))
    memory.keep()
    return found


def test_the_memory_survives_on_disk_and_bad_files_are_empty_ones(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "asked.sqlite"
    looked(tmp_path / "yard", Memory(path), known=False)
    assert {r.why for r in looked(tmp_path / "yard", Memory(path), known=True)} == {
        "unchanged; its answer is kept"
    }
    for damage in (b"", b"[1]", b"\xff", b'{"a": 1}', b"null"):
        path.write_bytes(damage)
        (first, *_) = looked(tmp_path / "yard", Memory(path), known=False)
        assert first.why == "new: never asked here before"


def test_each_changed_part_is_named(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "asked.sqlite")
    looked(tmp_path / "yard", memory, known=False)
    prompt = FILES[PROMPT].replace("Shout.", "Whisper.")
    suite = FILES[SUITE].replace("word: apple", "word: pear")
    first, second, _ = looked(tmp_path / "yard", memory, known=False, **{PROMPT: prompt, SUITE: suite})
    assert first.changed == ("inputs", "prompt")
    assert first.why == "the case's inputs and the prompt changed since the last run"
    assert second.changed == ("prompt",)


def test_a_question_that_was_answered_in_another_life_is_told(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "asked.sqlite")
    looked(tmp_path / "yard", memory, known=False)
    prompt = FILES[PROMPT].replace("Shout.", "Whisper.")
    (first, *_) = looked(tmp_path / "yard", memory, known=True, **{PROMPT: prompt})
    assert (first.how, first.changed) == ("cached", ("prompt",))
    assert "this very question was answered before" in first.why


@pytest.mark.parametrize(("known", "how"), [(True, "cached"), (False, "asked")])
def test_without_a_cache_a_record_may_still_know(tmp_path: Path, known: bool, how: str) -> None:
    memory = Memory(tmp_path / "asked.sqlite")
    (first, *_) = looked(tmp_path / "yard", memory, known=known, cached=False)
    assert first.how == how
    assert ("--no-cache" in first.why) == (how == "asked")


def test_a_case_whose_prompt_cannot_be_rendered_is_refused_with_the_reason(tmp_path: Path) -> None:
    head = arm(write(tmp_path / "yard"))
    suite = head.suites["words/shout"]
    odd = replace(suite, cases=(replace(suite.cases[0], inputs={"word": 7}),))
    items = plan([odd], [head], engines(tmp_path, SpokenEngine()))
    (only,) = Explainer([head], lambda _: False, Memory(tmp_path / "a.sqlite")).reasons(items)
    assert only.how == "refused"
    assert "word" in only.why


def test_a_question_that_was_met_before_says_where(tmp_path: Path) -> None:
    head = arm(write(tmp_path / "yard"))
    suite = replace(head.suites["words/shout"], samples=2)
    twin = replace(suite.cases[0], id="twin")
    items = plan([replace(suite, cases=(suite.cases[0], twin))], [head], engines(tmp_path, SpokenEngine()))
    told = Explainer([head], lambda _: False, Memory(tmp_path / "asked.sqlite")).reasons(items)
    first = suite.cases[0].id
    assert [reason.why for reason in told if reason.how == "same"] == [
        "another sample asks the very same",
        *[f"the very question of head {first}"] * 2,
    ]
