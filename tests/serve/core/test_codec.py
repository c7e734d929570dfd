from __future__ import annotations

import pytest
from support.bundles import bundle, prompt, text

from serve.core.codec import ShapeError, from_json, key_of, keys_of, to_json
from serve.core.model import Budget, Message, ModelConfig, Part, Placeholder, Prompt, Reference


def test_a_whole_bundle_entry_survives_the_round_trip():
    made = prompt(text("system", "Be kind."), Placeholder("talk"), text("user", "{{ name }}"), owner="team")
    assert from_json(Prompt, to_json(made)) == made


def test_fields_with_their_default_are_left_out():
    assert to_json(Part("hi")) == {"text": "hi"}


def test_keys_are_written_in_camel_case():
    assert key_of("max_cost_per_call_usd") == "maxCostPerCallUsd"
    assert "contextTokens" in keys_of(ModelConfig)


def test_a_union_is_told_apart_by_its_keys():
    items = from_json(Prompt, to_json(prompt(Placeholder("talk"), text("user", "x")))).messages
    assert [type(item) for item in items] == [Placeholder, Message]


@pytest.mark.parametrize(
    ("data", "steps", "problem"),
    [
        ({"id": "a"}, (), "lacks sha256"),
        ({"id": "a", "sha256": "b", "extra": 1}, ("extra",), "is not a known key"),
        ({"id": 3, "sha256": "b"}, ("id",), "must be text"),
        ([], (), "must be an object"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(data, steps, problem):
    with pytest.raises(ShapeError) as caught:
        from_json(Reference, data)
    assert caught.value.steps == steps
    assert caught.value.problem == problem


def test_a_truth_value_is_not_a_number():
    with pytest.raises(ShapeError, match="whole number"):
        from_json(ModelConfig, {"id": "m", "engine": "openai", "model": "g", "contextTokens": True})


def test_only_values_that_json_knows_are_written():
    with pytest.raises(TypeError, match="set is not JSON"):
        to_json({"x": {1, 2}})


def test_a_manifest_survives_the_round_trip():
    manifest = bundle().manifest
    assert from_json(type(manifest), to_json(manifest)) == manifest


def test_a_number_without_a_fraction_is_whole_however_it_is_written():
    budget = from_json(Budget, {"maxPromptTokens": 20.0})
    assert (budget.max_prompt_tokens, type(budget.max_prompt_tokens)) == (20, int)
    with pytest.raises(ShapeError):
        from_json(Budget, {"maxPromptTokens": 20.5})
