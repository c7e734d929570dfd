from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from support.content import write

PLAIN = """\
promptyard: 1
description: Says hello.
owner: us
model: models/chat
inputs: {name: {type: string, maxLength: 40}}
messages:
  - {role: user, content: "Hello {{ name }}"}
"""


@pytest.fixture
def filled(yard):
    write(yard.root, **{"prompts/hello.prompt.yaml": PLAIN})
    yard.commit("filled")
    return yard


def test_one_prompt_goes_to_standard_output_and_what_stays_behind_to_the_other(run, filled) -> None:
    result = run("export", "hello", "--to", "github")
    assert yaml.safe_load(result.stdout) == {
        "name": "hello", "description": "Says hello.", "model": "openai/gpt-test",
        "messages": [{"role": "user", "content": "Hello {{name}}"}], "modelParameters": {"maxTokens": 50},
    }  # fmt: skip
    assert "wrote hello" in result.stderr
    assert "lost    owner: the format has no owner" in result.stderr


def test_a_folder_gets_every_prompt_below_and_every_variant(run, filled, tmp_path: Path) -> None:
    result = run("export", "support/", "hello", "--to", "dotprompt", "-o", str(tmp_path / "out"))
    files = sorted(it.relative_to(tmp_path / "out").as_posix() for it in (tmp_path / "out").rglob("*.prompt"))
    assert files == ["hello.prompt", "support/triage.prompt", "support/triage.short.prompt"]
    assert result.stdout == ""
    assert f"wrote support/triage → {tmp_path}/out/support/triage.prompt" in result.stderr


def test_a_prompt_that_the_format_cannot_hold_is_refused_with_the_line_and_others_are_written(
    run, filled, tmp_path: Path
) -> None:
    result = run("export", "hello", "support/triage", "--to", "github", "-o", str(tmp_path / "out"), code=3)
    assert "refused support/triage: github cannot hold its messages" in result.stderr
    assert "fault   message rules (line 3): has the tag for; the format has no logic" in result.stderr
    assert [it.name for it in (tmp_path / "out").rglob("*.yml")] == ["hello.prompt.yml"]


def test_a_variant_can_be_named(run, error_of, filled) -> None:
    assert (
        'One of: {{ teams | join(", ") }}.'
        in run("export", "support/triage", "--to", "prompty", "--variant", "short").stdout
    )
    assert "EXP002 the prompt support/triage has no variant long" in error_of(
        2, ["export", "support/triage", "--to", "prompty", "--variant", "long"]
    )


def test_what_is_exported_comes_back_by_import_and_renders_the_same(run, filled, tmp_path: Path) -> None:
    run("export", "support/triage", "--to", "prompty", "-o", str(tmp_path / "out"))
    run("import", str(tmp_path / "out"), "--into", "back")
    inputs = ["-i", 'teams=["a", "b"]', "-i", "ticket=Help"]
    first = run("render", "support/triage", *inputs, "--for", "messages").stdout
    assert run("render", "back/support/triage", *inputs, "--for", "messages").stdout == first


def test_a_file_that_is_there_and_different_is_kept_unless_asked(
    run, error_of, filled, tmp_path: Path
) -> None:
    words = ["export", "hello", "--to", "github", "-o", str(tmp_path)]
    run(*words)
    run(*words)
    (tmp_path / "hello.prompt.yml").write_text("mine")
    assert "IMP004" in error_of(2, words)
    assert (tmp_path / "hello.prompt.yml").read_text() == "mine"
    run(*words, "--force")
    assert (tmp_path / "hello.prompt.yml").read_text() != "mine"


def test_json_has_the_text_and_the_notes(told, filled) -> None:
    (out,) = told("export", "hello", "--to", "github")
    assert out["file"] == "hello.prompt.yml"
    assert not out["refused"]
    assert out["text"].startswith("name: hello")
    assert {"level": "lost", "what": "owner", "why": "the format has no owner", "line": None} in out["notes"]


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["nowhere", "--to", "github"], "PRM001", 2), (["hello", "support/", "--to", "prompty"], "EXP001", 2),
        (["hello", "--to", "word"], "USE001", 2), (["hello"], "USE001", 2), (["none/", "--to", "prompty"], "PRM001", 2),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_to_do(
    error_of, filled, words: list[str], code: str, exit_code: int
) -> None:
    assert code in error_of(exit_code, ["export", *words])


def test_a_prompt_with_an_error_is_not_exported(error_of, filled) -> None:
    filled.write("prompts/hello.prompt.yaml", PLAIN.replace("{{ name }}", "{{ nobody }}"))
    assert "VAR001 prompts/hello.prompt.yaml:7" in error_of(1, ["export", "hello", "--to", "prompty"])


def test_an_older_revision_can_be_exported(run, filled) -> None:
    filled.write("prompts/hello.prompt.yaml", PLAIN.replace("Hello", "Good day"))
    assert "Good day" not in run("export", "hello", "--to", "github", "--ref", "HEAD").stdout
