"""What a suite says of metrics: composites below ``metrics``, floors below ``policy.minMetrics``.

A metric exists where an expectation names it; everything else must lead there, or it would never measure anything.
It must never raise for anything that a file can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from registry.evaluation.cases import TAG, TAG_RULE
from registry.evaluation.expectations.read import METRIC_RULE, is_metric
from registry.evaluation.expectations.table import SET
from registry.evaluation.fields import Fields
from registry.evaluation.problem import Problem, Steps, did_you_mean
from registry.evaluation.records import Case, Composite, Expectation, Suite
from serve.core.model import Json

AT = "@"
KEYS = ("weights", "forTag", "by")


def read_composites(outer: Fields) -> tuple[Composite, ...]:
    """The metrics that a suite makes of named ones; problems are noted."""
    given = outer.mapping("metrics")
    fields = Fields(given, "metrics", tuple(given), ("metrics",), outer.problems)
    return tuple(_composite(name, data, fields) for name, data in given.items() if _is_named(name, fields))


def read_floors(policy: Fields) -> Mapping[str, float]:
    """The least mean by metric; problems are noted."""
    given = policy.mapping("minMetrics")
    fields = Fields(given, "minMetrics", tuple(given), (*policy.steps, "minMetrics"), policy.problems)
    found = {name: fields.share(name) for name in given}
    return {name: floor for name, floor in found.items() if floor is not None}


def metric_problems(suite: Suite) -> Iterator[Problem]:
    """What in a whole suite names a metric or a tag that no case has (SUI003)."""
    named = _named(suite)
    tags = {tag for case in suite.cases for tag in case.tags}
    for composite in suite.metrics:
        below = ("metrics", composite.name)
        if composite.name in named and composite.name not in composite.weights:
            message = f"An expectation counts for a metric {composite.name} already."
            yield Problem("SUI004", below, message, "Give one of the two another name.")
        for weights in (composite.weights, *composite.by_tag.values()):
            yield from (_no_metric(name, named, below) for name in weights if name not in named)
        for tag in composite.by_tag.keys() - tags:
            hint = did_you_mean(tag, tags)
            yield Problem("SUI003", (*below, "forTag", tag), f"No case has the tag {tag}.", hint)
    told = told_names(suite)
    for name in suite.policy.min_metrics:
        if name not in told:
            yield _no_metric(name, told, ("policy", "minMetrics", name))


def told_names(suite: Suite) -> set[str]:
    """The names of all metrics that the cases of a suite can have a score for."""
    named = _named(suite)
    possible = (it for it in suite.metrics if any(name in named for name in _all_names(it)))
    return named.union(*(_told(composite, suite.cases) for composite in possible))


def _named(suite: Suite) -> set[str]:
    return {name for case in suite.cases for item in case.expect for name in _names_of(item)}


def _names_of(expectation: Expectation) -> Iterator[str]:
    if expectation.metric is not None:
        yield expectation.metric
    if expectation.type == SET:
        for item in expectation.value:
            yield from _names_of(item)


def _all_names(composite: Composite) -> Iterator[str]:
    yield from composite.weights
    for weights in composite.by_tag.values():
        yield from weights


def _told(composite: Composite, cases: Sequence[Case]) -> set[str]:
    """The names under which a composite is told."""
    if composite.split == "tag":
        domains = {tag for case in cases for tag in case.tags}
    else:
        domains = {case.group for case in cases} if composite.split == "group" else set()
    return {composite.name, *(f"{composite.name}{AT}{domain}" for domain in domains)}


def _no_metric(name: str, known: Iterable[str], steps: Steps) -> Problem:
    names = sorted(known)
    hint = did_you_mean(name, names) if names else "Write metric: tone beside an expectation."
    return Problem("SUI003", steps, f"No expectation counts for the metric {name}.", hint)


def _composite(name: str, data: Json, outer: Fields) -> Composite:
    steps = (*outer.steps, name)
    if isinstance(data, dict) and data and not data.keys() & set(KEYS):
        return Composite(name, _weights(data, steps, outer))
    fields = Fields(data, "a metric", KEYS, steps, outer.problems)
    if not data:
        fields.complain("The metric is made of nothing.", "Write {tone: 2, accuracy: 3}, or {by: tag}.")
    by_tag = fields.mapping("forTag")
    for tag in by_tag:
        if not TAG.fullmatch(tag):
            fields.complain(f"{tag} is no tag.", f"Use {TAG_RULE}.", "forTag", tag)
    return Composite(
        name,
        _weights(fields.data["weights"], (*steps, "weights"), outer)
        if "weights" in fields.data
        else {name: 1.0},
        {tag: _weights(own, (*steps, "forTag", tag), outer) for tag, own in by_tag.items()},
        _split(fields),
    )


def _weights(data: Json, steps: Steps, outer: Fields) -> Mapping[str, float]:
    keys = tuple(data) if isinstance(data, dict) else ("tone", "accuracy")
    fields = Fields(data, "the weights", keys, steps, outer.problems)
    if data == {}:
        fields.complain("No weight is given.", "Write {tone: 2, accuracy: 3}.")
    found: dict[str, float] = {}
    for name, weight in fields.data.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight <= 1e9:
            fields.complain("A weight must be a number above 0.", f"Write {name}: 2.", name)
        else:
            found[name] = float(weight)
    return found


def _split(fields: Fields) -> Literal["tag", "group"] | None:
    if "by" not in fields.data:
        return None
    return "group" if fields.choice("by", ("tag", "group")) == "group" else "tag"


def _is_named(name: str, fields: Fields) -> bool:
    if is_metric(name):
        return True
    fields.complain(f"The name of a metric must be {METRIC_RULE}.", "Write quality: {tone: 2}.", name)
    return False
