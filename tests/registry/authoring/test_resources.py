"""What travels with the tool is found in a checkout and in an installation."""

from __future__ import annotations

import json

import pytest

from registry.authoring import resources
from registry.authoring.kinds import KINDS
from registry.errors import Unavailable


@pytest.mark.parametrize("name", [*(kind.schema for kind in KINDS), "settings.schema.json"])
def test_every_kind_has_its_schema_at_hand(name):
    assert json.loads(resources.schema_text(name))["$id"] == name


def test_the_shipped_content_holds_prompts():
    assert any(folder.name == "support" for folder in resources.scaffold_root().iterdir())


def test_a_schema_that_is_not_there_says_what_to_do():
    with pytest.raises(Unavailable, match="ENV003"):
        resources.schema_text("nothing.schema.json")


def test_an_installation_finds_what_lies_inside_the_package(tmp_path, monkeypatch):
    inside = tmp_path / "registry" / "data" / "schemas"
    inside.mkdir(parents=True)
    (inside / "prompt.schema.json").write_text("{}")
    monkeypatch.setattr(resources, "files", lambda package: tmp_path / package)
    assert resources.schema_text("prompt.schema.json") == "{}"
    with pytest.raises(Unavailable, match="ENV003"):
        resources.scaffold_root()


def test_the_workflows_travel_with_the_tool():
    assert set(resources.workflow_files()) >= {"check.yml", "release.yml", "resign.yml"}
