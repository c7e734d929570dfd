from __future__ import annotations

import shutil

import pytest
from support.content import FILES, TRIAGE, catalog, write
from support.models import WEIGHTS
from support.tiny import tiny

from registry.authoring.affected import references, single
from registry.authoring.tree import FolderTree
from registry.evaluation.arms import build
from registry.evaluation.asking import Tolerant, models_of
from registry.evaluation.engines.weights import digest_of
from registry.evaluation.expectations import Surroundings, check
from registry.evaluation.records import Check, Completion, Expectation
from registry.settings import Settings
from serve.core.guard.checks.asked import NotHere, Pin, SimilarityDetect
from serve.guard_ml.models import LocalModels

pytest.importorskip("ctranslate2", reason="needs the guard-ml extra")
SET = """\
promptyard: 1
owner: support
rules:
  - id: topic.card
    kind: similarity
    severity: low
    stages: [output]
    action: {block: {fallback: No.}}
    detect: {model: models/tiny, examples: [My card was charged twice.], threshold: 0.999}
    stream: {mode: buffer}
    tests: [{text: My card was charged twice., expect: hit}, {text: Hello there., expect: pass}]
"""
MODEL = "promptyard: 1\nengine: ctranslate2\nmodel: bert\nkind: encoder\ncontextTokens: 64\nweights: {{{}, sha256: {}}}\n"


@pytest.fixture(scope="module")
def yard(tmp_path_factory):
    root = tmp_path_factory.mktemp("yard")
    made = tiny("bert", tmp_path_factory.mktemp("made"))
    write(
        root,
        {
            **FILES,
            "prompts/support/triage.prompt.yaml": TRIAGE.replace(
                "inputs:", "guardrails: [guardrails/topics]\ninputs:", 1
            ),
            "prompts/guardrails/topics.guardrail.yaml": SET,
            "prompts/models/tiny.model.yaml": MODEL.format("path: bert", digest_of(made)),
            "prompts/models/away.model.yaml": MODEL.format("huggingface: org/name@abc", "ab" * 32),
        },
    )
    shutil.copytree(made, root / "prompts/models/bert")
    return root


def verdict(live, text: str):
    render = live.render("support/triage", {"teams": ["cards"], "ticket": "Hello."})
    expectation = Expectation("guardrails", None)
    return check(expectation, Completion(text, 0, 0), inputs={}, around=Surroundings(render))


def test_a_test_run_asks_the_model_that_a_service_asks(yard, tmp_path):
    arm = build("head", catalog(yard), (), weights=tmp_path / "weights")
    assert verdict(arm.live, "Where is the nearest branch?").status == "pass"
    found: Check = verdict(arm.live, "My card was charged twice.")
    assert found.status == "fail"
    assert "topic.card, which would block" in found.reason


def test_without_the_model_a_test_run_says_that_the_rule_could_not_be_evaluated(yard):
    arm = build("head", catalog(yard), ())
    found = verdict(arm.live, "My card was charged twice.")
    assert found.status == "error"
    assert "topic.card" in found.reason


def test_weights_that_were_not_fetched_are_named_and_nothing_is_fetched(yard, tmp_path):
    detect = SimilarityDetect(Pin("models/away", sha256="ab" * 32), ("x",), 0.5)
    models = models_of(catalog(yard), tmp_path)
    with pytest.raises(NotHere, match="org/name@abc are not in the cache") as told:
        models.open("similarity", detect)
    assert told.value.next_step == "Run promptyard guard fetch."
    with pytest.raises(NotHere, match="not in the cache"):
        Tolerant(models).open("similarity", detect).shares(["a text"])


def test_models_that_can_be_opened_are_opened_as_they_are(yard, tmp_path):
    detect = SimilarityDetect(Pin("models/tiny", sha256="x", context_tokens=64), ("x",), 0.5)
    assert (
        Tolerant(models_of(catalog(yard), tmp_path)).open("similarity", detect).shares(["x"])[0]["1"] > 0.99
    )
    assert isinstance(models_of(catalog(yard), tmp_path), LocalModels)


def test_a_prompt_alone_comes_with_the_models_of_its_rules(yard):
    found = single(FolderTree(yard), Settings(), "support/triage")
    assert set(found.models) == {"models/chat", "models/tiny"}
    assert "prompts/models/tiny.model.yaml" in set(references(found))
    assert WEIGHTS.is_dir()
