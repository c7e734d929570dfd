"""From a model's name in a guardrail rule to what a release says of it: engine, weights by digest, parameters.

A service asks exactly what was tested, or refuses the release.
It must never pin weights whose digest nobody wrote down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from registry.authoring.sources.model import ModelSource
from serve.core.codec import to_json
from serve.core.guard.checks.asked import LOCAL, Pin
from serve.core.guard.checks.table import ASKING
from serve.core.model import GuardrailSet, Rule

_ENCODED = ("similarity", "classifier")


@dataclass(frozen=True, slots=True)
class Unpinned:
    """Why the model of a rule cannot be pinned: a code, one clause, and what to do."""

    code: str
    what: str
    advice: str


def model_of(rule: Rule) -> str | None:
    """The model that a rule names; None for a rule that asks none."""
    named = rule.detect.get("model") if rule.kind in ASKING else None
    return named if isinstance(named, str) else None


def trouble(rule: Rule, models: Mapping[str, ModelSource]) -> Unpinned | None:
    """Why the model of a rule cannot be pinned; None where it can, or where there is none."""
    name = model_of(rule)
    if name is None:
        return None
    model = models.get(name)
    if model is None:
        return Unpinned("REF001", f"rule {rule.id}: there is no model {name}", "Run promptyard lint.")
    if rule.kind in _ENCODED and (model.engine != LOCAL or model.kind != "encoder"):
        what = f"rule {rule.id}: model {name} gives no vectors"
        return Unpinned("GRD022", what, "Name a model of engine: ctranslate2 and kind: encoder.")
    if rule.kind == "judge" and model.kind != "generator":
        what = f"rule {rule.id}: model {name} is a {model.kind} and answers no question"
        return Unpinned("GRD022", what, "Name a model of kind: generator.")
    if model.engine == LOCAL and (model.weights is None or model.weights.sha256 is None):
        what = f"rule {rule.id}: the weights of {name} are not pinned by their digest"
        return Unpinned("GRD022", what, "Add weights.sha256 to the model; promptyard guard fetch tells it.")
    return None


def pinned(rule: Rule, models: Mapping[str, ModelSource]) -> Rule:
    """The rule with its model as a release holds it; a rule that asks none, or whose model is trouble, as it is."""
    name = model_of(rule)
    if name is None or trouble(rule, models) is not None:
        return rule
    model = models[name]
    weights = model.weights
    pin = Pin(
        id=name,
        engine=model.engine,
        model=model.model,
        sha256=weights.sha256 if weights else None,
        huggingface=weights.huggingface if weights else None,
        context_tokens=model.context_tokens,
        parameters=model.parameters if rule.kind == "judge" else {},
    )
    return replace(rule, detect={**rule.detect, "model": to_json(pin)})


def pinned_set(guardrails: GuardrailSet, models: Mapping[str, ModelSource]) -> GuardrailSet:
    """The set with every model pinned."""
    if not any(rule.kind in ASKING for rule in guardrails.rules):
        return guardrails
    return replace(guardrails, rules=tuple(pinned(rule, models) for rule in guardrails.rules))


def troubles(guardrails: GuardrailSet, models: Mapping[str, ModelSource]) -> tuple[Unpinned, ...]:
    """All that keeps models of a set from being pinned."""
    found = (trouble(rule, models) for rule in guardrails.rules if rule.kind in ASKING)
    return tuple(each for each in found if each is not None)
