"""The kind of a file hangs on its suffix alone."""

from __future__ import annotations

import pytest

from registry.authoring.kinds import KINDS, kind_of


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_known_by_its_suffix_in_any_folder(kind):
    assert kind_of(f"prompts/any/where.{kind.name}.yaml") is kind
    assert kind.schema == f"{kind.name}.schema.json"


@pytest.mark.parametrize(
    "path",
    [
        "prompts/a.yaml",
        "prompts/prompt.yaml",
        "prompt.yaml",
        "a.model.yml",
        "a.rollout.yaml",
        "a.prompt.yaml.bak",
    ],
)
def test_anything_else_is_none_of_ours(path):
    assert kind_of(path) is None


@pytest.mark.parametrize("path", ["prompts/a.prompt.yaml", "prompts/a.prompt.yml"])
def test_a_prompt_may_have_githubs_suffix_too(path):
    kind = kind_of(path)
    assert kind is not None
    assert (kind.name, kind.stem(path)) == ("prompt", "prompts/a")
