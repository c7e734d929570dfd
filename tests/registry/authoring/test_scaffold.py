from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from registry.authoring.catalog import load
from registry.authoring.resources import workflow_files
from registry.authoring.scaffold import STARTER, scaffold
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.errors import Usage
from registry.settings import Settings


def test_a_scaffold_reads_back_as_a_catalog_without_problems(tmp_path: Path) -> None:
    made = scaffold(tmp_path)
    tree = FolderTree(tmp_path)
    settings = load_settings(tree)
    catalog = load(tree, settings)
    assert catalog.problems == ()
    assert set(catalog.prompts) == set(STARTER)
    assert made.kept == []
    assert (settings.content, settings.store) == (Settings().content, Settings().store)


def test_the_workflows_are_those_that_are_shipped(tmp_path: Path) -> None:
    scaffold(tmp_path)
    written = {path.name: path.read_bytes() for path in (tmp_path / ".github/workflows").iterdir()}
    assert written == workflow_files()
    assert set(written) == {f"{name}.yml" for name in ("check", "regress", "release", "promote", "resign")}


def test_a_release_waits_for_changes_where_the_content_lies(tmp_path: Path) -> None:
    (tmp_path / "promptyard.yaml").write_text("promptyard: 1\ncontent: a/deep/place\n")
    scaffold(tmp_path)
    workflow = yaml.safe_load((tmp_path / ".github/workflows/release.yml").read_text())
    assert "a/deep/place/**" in workflow[True]["push"]["paths"]  # YAML 1.1 reads on as true


def test_lines_of_a_gitignore_are_kept_and_added_once(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc")
    scaffold(tmp_path)
    scaffold(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.promptyard/\n"


def test_a_second_time_writes_nothing(tmp_path: Path) -> None:
    first = scaffold(tmp_path)
    second = scaffold(tmp_path)
    assert second.written == []
    left_out = {path for path in first.written if path.startswith("prompts/") and not path.endswith(".yaml")}
    assert set(second.kept) == set(first.written) - {".gitignore"} - left_out


def test_examples_do_not_come_among_prompts_that_are_there(tmp_path: Path) -> None:
    place = tmp_path / "prompts/own/one.prompt.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("promptyard: 1\nmodel: m\nmessages: []\n")
    made = scaffold(tmp_path)
    assert "prompts/own/one.prompt.yaml" in made.kept
    assert [path for path in made.written if path.startswith("prompts/")] == []
    assert "promptyard.yaml" in made.written


def test_content_comes_where_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "promptyard.yaml").write_text("promptyard: 1\ncontent: a/deep/place\n")
    made = scaffold(tmp_path)
    assert not (tmp_path / "prompts").exists()
    assert "a/deep/place/support/triage.prompt.yaml" in made.written
    text = (tmp_path / "a/deep/place/support/triage.prompt.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=../../../../schemas/prompt.schema.json\n")
    assert "^(promptyard\\.yaml$|a/deep/place/)" in (tmp_path / ".pre-commit-config.yaml").read_text()


def test_a_minimal_registry_has_one_prompt_and_nothing_heavy(tmp_path: Path) -> None:
    made = scaffold(tmp_path, minimal=True)
    assert sorted(path for path in made.written if path.startswith("prompts/")) == [
        "prompts/models/chat.model.yaml",
        "prompts/support/answer.prompt.yaml",
        "prompts/support/answer.suite.yaml",
    ]
    assert sum((tmp_path / path).stat().st_size for path in made.written) < 300_000


def test_the_hooks_run_what_is_installed_on_the_files_of_a_registry(tmp_path: Path) -> None:
    scaffold(tmp_path)
    (repo,) = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())["repos"]
    form, lint = repo["hooks"]
    assert (form["entry"], lint["entry"]) == ("promptyard fmt --check", "promptyard lint")
    for path in ("promptyard.yaml", "prompts/a/b.prompt.yaml", "prompts/m.model.yaml"):
        assert re.search(form["files"], path)
        assert re.search(lint["files"], path)
    assert not re.search(form["files"], "prompts/partials/tone.md")
    assert not re.search(form["files"], ".github/workflows/check.yml")
    assert re.search(lint["files"], "prompts/partials/tone.md")
    assert not re.search(lint["files"], "docs/prompts/a.md")


@pytest.mark.parametrize("place", ["CODEOWNERS", "docs/CODEOWNERS", ".github/CODEOWNERS"])
def test_owners_that_are_there_are_kept_wherever_github_finds_them(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("* @me\n")
    made = scaffold(tmp_path)
    assert place in made.kept
    assert [path for path in made.written if path.endswith("CODEOWNERS")] == []
    assert (tmp_path / place).read_text() == "* @me\n"


def test_owners_are_those_of_the_prompts(tmp_path: Path) -> None:
    scaffold(tmp_path)
    assert (
        "# /prompts/support/  @YOUR-ORG/support-platform\n" in (tmp_path / ".github/CODEOWNERS").read_text()
    )


def test_settings_that_cannot_be_used_stop_it_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "promptyard.yaml").write_text("content: [\n")
    with pytest.raises(Usage, match="CFG001"):
        scaffold(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["promptyard.yaml"]
