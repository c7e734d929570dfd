from __future__ import annotations

from dataclasses import replace

import pytest

from registry.authoring.pinning import model_of, pinned_set, trouble, troubles
from registry.authoring.sources.model import ModelSource
from serve.core.model import Action, GuardrailSet, Rule, Streaming, Weights

ENCODER = ModelSource(
    1, "ctranslate2", "minilm", kind="encoder", context_tokens=256, parameters={"x": 1},
    weights=Weights(path="minilm", sha256="ab" * 32),
)  # fmt: skip
HOSTED = ModelSource(1, "openai", "gpt-test", parameters={"maxTokens": 8})
LOCAL = replace(ENCODER, kind="generator")
MODELS = {"models/minilm": ENCODER, "models/chat": HOSTED, "models/local": LOCAL}


def a_rule(kind: str, model: str, **detect) -> Rule:
    told = {"model": model, **detect}
    return Rule(f"r.{kind}", kind, "low", Action("flag"), told, ("output",), stream=Streaming("buffer"))


def test_a_model_is_pinned_by_what_a_service_needs_to_find_it():
    held = GuardrailSet(
        "g", (a_rule("similarity", "models/minilm"), a_rule("judge", "models/chat", question="q"))
    )
    near, judge = pinned_set(held, MODELS).rules
    assert near.detect["model"] == {
        "id": "models/minilm",
        "model": "minilm",
        "sha256": "ab" * 32,
        "contextTokens": 256,
    }
    assert judge.detect == {
        "model": {
            "id": "models/chat",
            "engine": "openai",
            "model": "gpt-test",
            "parameters": {"maxTokens": 8},
        },
        "question": "q",
    }
    assert model_of(near) is None


def test_a_set_that_asks_no_model_is_left_as_it_is():
    held = GuardrailSet("g", (replace(a_rule("literals", "x"), detect={"any": ["x"]}),))
    assert pinned_set(held, {}) is held


@pytest.mark.parametrize(
    ("kind", "model", "told"),
    [
        ("similarity", "models/none", "REF001"),
        ("similarity", "models/chat", "GRD022"),
        ("classifier", "models/local", "GRD022"),
        ("judge", "models/minilm", "GRD022"),
    ],
)
def test_a_model_that_cannot_answer_the_rule_is_trouble(kind, model, told):
    held = GuardrailSet("g", (a_rule(kind, model),))
    (found,) = troubles(held, MODELS)
    assert found.code == told
    assert model in found.what
    assert pinned_set(held, MODELS) == held


def test_weights_without_a_digest_are_trouble():
    loose = replace(ENCODER, weights=Weights(huggingface="org/name@abc"))
    found = trouble(a_rule("similarity", "m"), {"m": loose})
    assert found is not None
    assert (found.code, "not pinned" in found.what) == ("GRD022", True)
