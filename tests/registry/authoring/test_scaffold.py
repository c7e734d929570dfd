from __future__ import annotations

from pathlib import Path

import yaml

from registry.authoring.catalog import load
from registry.authoring.scaffold import STARTER, scaffold
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
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


def test_the_workflow_is_yaml_that_lints_and_tests(tmp_path: Path) -> None:
    scaffold(tmp_path)
    workflow = yaml.safe_load((tmp_path / ".github/workflows/promptyard.yml").read_text())
    steps = [step.get("run", "") for step in workflow["jobs"]["prompts"]["steps"]]
    assert "promptyard lint --format github" in steps
    assert any(step.startswith("promptyard test --base") for step in steps)
    assert any(step.startswith("promptyard release") for step in steps)


def test_lines_of_a_gitignore_are_kept_and_added_once(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc")
    scaffold(tmp_path)
    scaffold(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.promptyard/\n"


def test_a_second_time_writes_nothing(tmp_path: Path) -> None:
    first = scaffold(tmp_path)
    second = scaffold(tmp_path)
    assert second.written == []
    assert set(second.kept) == set(first.written) - {".gitignore"}
