from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli.commands import fmt
from registry.cli.main import main

PROMPT = "prompts/support/triage.prompt.yaml"
MODEL = "prompts/models/chat.model.yaml"
SPREAD = "promptyard:   1   # the format\nengine: openai\nmodel: 'm'\nparameters: { maxTokens: 5 }\ncontextTokens: 100\n"
SET = (
    "promptyard: 1  # the format\nengine: openai\nmodel: m\nparameters: {maxTokens: 5}\ncontextTokens: 100\n"
)


@pytest.fixture
def formed(run, plain: Path) -> Path:
    run("fmt")
    return plain


def test_files_are_set_in_place_and_a_second_time_changes_nothing(run, plain: Path) -> None:
    (plain / MODEL).write_text(SPREAD)
    assert f"formatted  {MODEL}\n" in run("fmt").stdout
    assert (plain / MODEL).read_text() == SET
    before = {path: path.stat().st_mtime_ns for path in plain.rglob("*.yaml")}
    again = run("fmt")
    assert (again.stdout, again.stderr) == ("", "4 in form: 4 files\n")
    assert {path: path.stat().st_mtime_ns for path in plain.rglob("*.yaml")} == before


def test_a_check_names_files_writes_nothing_and_fails(run, formed: Path) -> None:
    (formed / MODEL).write_text(SPREAD)
    result = run("fmt", "--check", code=1)
    assert result.stdout == f"not in form  {MODEL}\n"
    assert result.stderr == "3 in form, 1 not in form: 4 files\nRun promptyard fmt to set them.\n"
    assert (formed / MODEL).read_text() == SPREAD


def test_a_check_of_files_in_form_passes(run, formed: Path) -> None:
    assert run("fmt", "--check").stdout == ""


def test_a_difference_is_shown_line_by_line_and_not_written(run, formed: Path) -> None:
    (formed / MODEL).write_text(SPREAD)
    shown = run("fmt", "--diff", MODEL, code=1).stdout.splitlines()
    assert shown[:2] == [f"--- a/{MODEL}", f"+++ b/{MODEL}"]
    assert "-promptyard:   1   # the format" in shown
    assert "+promptyard: 1  # the format" in shown
    assert (formed / MODEL).read_text() == SPREAD


def test_files_and_folders_can_be_named_from_where_one_is(run, plain: Path, monkeypatch) -> None:
    (plain / MODEL).write_text(SPREAD)
    monkeypatch.chdir(plain / "prompts")
    assert run("fmt", "--check", "models", code=1).stdout == "not in form  models/chat.model.yaml\n"
    assert run("fmt", "models/chat.model.yaml").stdout == "formatted  models/chat.model.yaml\n"


def test_github_files_are_formatted_when_named(run, plain: Path) -> None:
    (plain / "prompts/old.prompt.yml").write_text("model:  m\nname: 'nn'\n")
    run("fmt", "prompts/old.prompt.yml")
    assert (plain / "prompts/old.prompt.yml").read_text() == "name: nn\nmodel: m\n"


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_formatted(run, told, plain: Path) -> None:
    (plain / MODEL).write_text(SPREAD)
    (plain / PROMPT).write_text("a: [\n")
    result = run("fmt", code=1)
    assert f"{PROMPT}:2:1: error YML001" in result.stdout
    assert "1 left as it is" in result.stderr
    assert (plain / PROMPT).read_text() == "a: [\n"
    assert (plain / MODEL).read_text() == SET
    said = told("fmt", "--check", code=1)
    assert (said["files"], said["changed"]) == (4, [])
    assert [finding["code"] for finding in said["findings"]] == ["YML001"]


def test_a_link_is_refused_and_what_it_points_at_stays(run, plain: Path) -> None:
    (plain / "outside.yaml").write_text(SPREAD)
    (plain / "prompts/l.model.yaml").symlink_to(plain / "outside.yaml")
    assert "FMT004" in run("fmt", "prompts/l.model.yaml", code=1).stdout
    assert (plain / "outside.yaml").read_text() == SPREAD
    run("fmt")
    assert (plain / "outside.yaml").read_text() == SPREAD


@pytest.mark.parametrize("path", ["prompts/none.prompt.yaml", "prompts/partials/tone.md", "-"])
def test_a_path_that_cannot_be_formatted_is_a_usage_error(error_of, plain: Path, path: str) -> None:
    assert "FMT003" in error_of(2, ["fmt", MODEL, path])


def test_without_a_registry_it_is_a_usage_error(error_of, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "CFG004" in error_of(2, ["fmt"])


def test_standard_input_goes_to_standard_output() -> None:
    result = CliRunner().invoke(main, ["fmt", "-", "--as", "x.model.yaml"], input=SPREAD.encode())
    assert (result.exit_code, result.stdout) == (0, SET)


def test_standard_input_without_a_form_gives_nothing_on_standard_output() -> None:
    result = CliRunner().invoke(main, ["fmt", "-"], input=b"a: [\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "standard input:2:1: error YML001" in result.stderr


def test_json_names_what_changed(told, formed: Path) -> None:
    (formed / MODEL).write_text(SPREAD)
    assert told("fmt") == {"files": 4, "changed": [MODEL], "findings": []}
    assert json.loads(json.dumps(told("fmt")))["changed"] == []


def test_a_file_that_is_saved_meanwhile_is_left_to_its_writer(run, plain: Path, monkeypatch) -> None:
    (plain / MODEL).write_text(SPREAD)
    whole = fmt.format_file

    def slow(path: str, data: bytes) -> object:
        if path == MODEL:
            (plain / MODEL).write_text("saved: meanwhile\n")
        return whole(path, data)

    monkeypatch.setattr(fmt, "format_file", slow)
    assert "FMT005" in run("fmt", code=1).stdout
    assert (plain / MODEL).read_text() == "saved: meanwhile\n"
