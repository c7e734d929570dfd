"""A model name as the id of a config: itself where it can be, never the same for two names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.github.models import implied_document, implied_id
from registry.authoring.parse import Document, Mark
from registry.authoring.sources.model import ModelSource
from registry.authoring.strays import can_be_id
from serve.core.codec import from_json


@pytest.mark.parametrize("name", ["gpt-4o", "openai/gpt-4o", "meta/Llama-3.3-70B-Instruct", "a" * 80])
def test_a_name_that_can_be_an_id_is_one(name: str) -> None:
    assert implied_id(name) == name


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("azureml://registries/azure-openai/models/gpt-4o", "azureml/registries/azure-openai/models/gpt-4o-"),
        ("GPT 4o", "GPT-4o-"),
        ("a" * 81, "a" * 71 + "-"),
        ("../../etc", "etc-"),
    ],
)
def test_another_name_becomes_an_id_that_shows_it(name: str, start: str) -> None:
    assert implied_id(name).startswith(start)


@given(st.text(max_size=120))
def test_every_name_gives_an_id_that_a_release_can_carry(name: str) -> None:
    assert can_be_id(implied_id(name)) or not name


@given(st.text(max_size=12), st.text(max_size=12))
def test_two_names_never_share_an_id(one: str, other: str) -> None:
    assert (implied_id(one) == implied_id(other)) == (one == other)


def test_the_implied_file_stands_where_the_model_is_named() -> None:
    document = Document("a", {"model": "m"}, {(): Mark(1, 1, 1, False), ("model",): Mark(3, 1, 3, False)})
    made = implied_document(document, "m")
    assert from_json(ModelSource, made.data).engine == "openai-compatible"
    assert {made.place(*steps).line for steps in made.marks} == {3}
