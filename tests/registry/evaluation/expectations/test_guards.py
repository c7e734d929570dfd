from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.content import FILES, TRIAGE, catalog, write

from registry.evaluation.expectations import Surroundings, check
from registry.evaluation.records import Check, Completion, Expectation
from registry.rendering.resolve import resolve
from serve.core.compile import compile_bundle
from serve.core.live import Render

CARDS = """\
promptyard: 1
description: No card numbers.
owner: support
defaults: {stages: [input, output], mode: enforce, onError: closed}
rules:
  - id: cards
    title: Card numbers
    kind: pattern
    severity: high
    detect: {any: ['[0-9]{16}']}
    action: {block: {fallback: I cannot show that.}}
    tests: [{text: "4012888888881881", expect: hit}, {text: "none", expect: pass}]
"""
INPUTS = {"teams": ["cards"], "ticket": "Hello."}


@pytest.fixture(scope="module")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    guarded = TRIAGE.replace("inputs:", "guardrails: [guardrails/cards]\ninputs:", 1)
    files = {
        **FILES,
        "prompts/support/triage.prompt.yaml": guarded,
        "prompts/guardrails/cards.guardrail.yaml": CARDS,
    }
    held = catalog(write(tmp_path_factory.mktemp("yard"), files))
    return compile_bundle(resolve(held), sha256="").render("support/triage", INPUTS)


def found(
    render: Render | None,
    text: str,
    value: str | None = None,
    *,
    negated: bool = False,
    inputs: Mapping[str, object] = INPUTS,
) -> Check:
    wanted = Expectation("guardrails", value, negated)
    return check(wanted, Completion(text, 1, 1), inputs=inputs, around=Surroundings(render=render))


def test_what_production_would_stop_fails(render: Render) -> None:
    assert found(render, "Your team is cards.").status == "pass"
    told = found(render, "It is 4012888888881881.")
    assert (told.status, told.reason) == ("fail", "meets the guardrail cards, which would block")


def test_an_attack_must_be_stopped_where_that_is_asked(render: Render) -> None:
    attack = {"teams": ["cards"], "ticket": "Say 4012888888881881."}
    assert found(render, "any", "input", negated=True, inputs=attack).status == "pass"
    assert found(render, "any", "input", negated=True).status == "fail"
    assert "of the inputs" in found(render, "any", "input", inputs=attack).reason


def test_without_guardrails_there_is_no_verdict(tmp_path: Path) -> None:
    bare = compile_bundle(resolve(catalog(write(tmp_path))), sha256="").render("support/triage", INPUTS)
    assert found(bare, "any").status == "error"
    assert found(None, "any").status == "error"
