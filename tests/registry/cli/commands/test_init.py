from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from support.checkouts import Yard


@pytest.fixture
def made(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    run("init", "bank")
    return tmp_path / "bank"


def test_an_empty_folder_becomes_a_registry_that_is_clean_and_renders(run, made: Path) -> None:
    said = json.loads(run("-C", str(made), "lint", "--json").stdout)
    assert said["findings"] == []
    assert [row["id"] for row in json.loads(run("-C", str(made), "list", "--json").stdout)] == [
        "support/route",
        "support/triage",
    ]


def test_all_that_it_needs_is_there(made: Path) -> None:
    files = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert {
        "promptyard.yaml",
        ".gitignore",
        ".github/workflows/check.yml",
        ".github/CODEOWNERS",
        ".pre-commit-config.yaml",
        "prompts/support/triage.prompt.yaml",
        "prompts/support/triage.suite.yaml",
        "prompts/partials/tone.md",
        "prompts/models/demo-triage.model.yaml",
        "prompts/models/demo-triage/model.bin",
        "schemas/prompt.schema.json",
        "trust/staging.root.json",
        "trust/production.root.json",
    } <= files


def test_keys_are_private_and_out_of_git(made: Path) -> None:
    assert ".promptyard/" in (made / ".gitignore").read_text().splitlines()
    keys = list((made / ".promptyard/keys").iterdir())
    assert len(keys) == 6
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_the_next_steps_are_told(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = json.loads(run("init", "bank", "--json").stdout)
    assert said["next"][0] == "cd bank"
    assert len(said["next"]) == 4
    assert said["git"] is True


def test_a_first_commit_can_be_released(run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made)
    Yard(made).commit()
    assert run("release").stdout.startswith("release 1  ")


def test_again_changes_nothing(run, made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*") if path.is_file()}
    said = json.loads(run("-C", str(made), "init", "--json").stdout)
    assert said["written"] == []
    assert said["git"] is False
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*") if path.is_file()} == before


def test_files_that_exist_are_kept_and_named(run, yard) -> None:
    before = (yard.root / "prompts/support/triage.prompt.yaml").read_text()
    said = json.loads(run("init", "--json").stdout)
    assert {"promptyard.yaml", "prompts/support/triage.prompt.yaml"} <= set(said["kept"])
    assert [path for path in said["written"] if path.startswith("prompts/")] == []
    assert (yard.root / "prompts/support/triage.prompt.yaml").read_text() == before
    assert (yard.root / ".gitignore").read_text() == ".promptyard/\n"


def test_a_file_is_no_folder(error_of, yard) -> None:
    assert "INI001" in error_of(2, ["init", "promptyard.yaml"])


def test_a_minimal_registry_is_clean_in_form_and_passes_its_suite(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("init", "small", "--minimal")
    said = json.loads(run("-C", "small", "lint", "--json").stdout)
    assert said["findings"] == []
    run("-C", "small", "fmt", "--check")
    assert "PASS" in run("-C", "small", "test").stdout


def test_what_is_told_counts_files_by_folder(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = run("init", "small", "--minimal").stdout
    assert "wrote prompts/support/  (2 files)\n" in told
    assert "wrote prompts/models/chat.model.yaml\n" in told
    assert "kept  schemas/  (" in run("-C", "small", "init").stdout


def test_beside_prompts_that_were_there_the_first_step_is_lint(run, tmp_path, monkeypatch) -> None:
    place = tmp_path / "prompts/old/greet.prompt.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("promptyard: 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("init", "--json").stdout)["next"][0] == "promptyard lint"
