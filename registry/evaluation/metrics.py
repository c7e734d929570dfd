"""Named scores: what a case scored for each metric, and their means in both arms.

A metric is a mean of scores where the verdict counts cases that pass: it shows a tone that slips before a case falls.
It must never decide but by a floor, and never count a check that said nothing of an answer.
"""

from __future__ import annotations

import math
import operator
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from registry.evaluation.metrics_reading import AT, told_names
from registry.evaluation.records import Check, Composite, Sample, Suite
from registry.evaluation.statistics import paired_interval
from registry.evaluation.verdict import CaseResult, Metric

_ROUNDING = 1e-9
_NOTHING: Mapping[str, float] = {}
_WHOLE = ""  # no tag and no group has this name


def sample_scores(sample: Sample) -> tuple[Mapping[str, float], tuple[str, ...]]:
    """The score of one sample for each metric, and the metrics to which a judge gave scores that count for nothing.

    A score is the weighted mean of the checks that name the metric.
    """
    sums: dict[str, tuple[float, float]] = {}
    advisory: dict[str, None] = {}
    for check in _named(sample.checks):
        name = check.metric or ""
        total, weight = sums.get(name, (0.0, 0.0))
        sums[name] = (total + check.score * check.weight, weight + check.weight)
        if check.advisory:
            advisory[name] = None
    if not sums:
        return _NOTHING, ()
    return {name: total / weight for name, (total, weight) in sums.items()}, tuple(advisory)


def scores(samples: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    """The score of one case for each metric: the mean over its samples."""
    held: defaultdict[str, list[float]] = defaultdict(list)
    for each in samples:
        for name, score in each.items():
            held[name].append(score)
    return {name: math.fsum(values) / len(values) for name, values in held.items()} or _NOTHING


class Scored:
    """What cases scored for each metric of a suite, taken in one by one; columns of numbers, whatever the cases hold.

    A metric has a column, and one more for each tag or group that it is split by.
    """

    def __init__(self, suite: Suite) -> None:
        self._made = {composite.name: composite for composite in suite.metrics}
        self._plain: dict[str, _Column] = {}
        self._composed: dict[tuple[str, str], _Column] = {}
        self._advisory: defaultdict[str, set[str]] = defaultdict(set)

    def see(self, result: CaseResult) -> None:
        """Take a case in; one that erred counts where it has scores."""
        head, base = result.metrics, result.base_metrics
        if not (head or base or self._made):
            return
        for name in {*head, *base} - self._made.keys():
            column = self._plain.setdefault(name, _Column())
            column.add(result.group, head.get(name), base.get(name))
        self._advisory[_WHOLE].update(result.advisory_metrics)
        for composite in self._made.values():
            mine, its = _value(composite, result, head), _value(composite, result, base)
            for domain in (_WHOLE, *dict.fromkeys(_domains(composite, result))):
                column = self._composed.setdefault((composite.name, domain), _Column())
                column.add(result.group, mine, its)
                if domain != _WHOLE:
                    self._advisory[domain].update(result.advisory_metrics)

    def columns(self) -> Iterator[tuple[str, _Column, bool]]:
        """Each metric's name and column, and whether an advisory judge has a part in it."""
        for name in sorted(self._plain):
            yield name, self._plain[name], name in self._advisory[_WHOLE]
        for composite in self._made.values():
            names = set(composite.weights).union(*composite.by_tag.values())
            for (made, domain), column in self._composed.items():
                if made == composite.name:
                    told = made if domain == _WHOLE else f"{made}{AT}{domain}"
                    yield told, column, not names.isdisjoint(self._advisory[domain])


class _Column:
    """The scores of the cases that head has one for, ``bases`` of those that base has one for as well."""

    def __init__(self) -> None:
        self.groups: list[str] = []
        self.heads = array("d")
        self.both_groups: list[str] = []
        self.both_heads = array("d")
        self.bases = array("d")

    def add(self, group: str, head: float | None, base: float | None) -> None:
        if head is None:
            return
        self.groups.append(group)
        self.heads.append(head)
        if base is not None:
            self.both_groups.append(group)
            self.both_heads.append(head)
            self.bases.append(base)


def measured(suite: Suite, scored: Scored, *, paired: bool, steady: bool = False) -> tuple[Metric, ...]:
    """Every metric of a suite by name: those that expectations name, those that the suite makes of them.

    Args:
        suite: whose composites and floors count.
        scored: what its cases scored.
        paired: compare head with base over the cases that have a score in both; else head stands alone.
        steady: asking again gives the same answers, so that noise explains nothing.
    """
    found: list[Metric] = []
    for name, column, advisory in scored.columns():
        metric = _metric(name, column, suite.policy.min_metrics.get(name), paired)
        if metric is not None:
            fell = paired and metric.below and not metric.broken and metric.base is not None
            doubt = fell and not steady and metric.high >= 0
            found.append(replace(metric, in_doubt=doubt, advisory=advisory))
    return tuple(found)


def unmeasured(suite: Suite, metrics: Iterable[Metric]) -> list[str]:
    """Metrics that have a floor, and no score though a case could have one: nothing is known of them."""
    if not suite.policy.min_metrics:
        return []
    lacking = told_names(suite) - {metric.name for metric in metrics}
    return [name for name in suite.policy.min_metrics if name in lacking]


def fallen(metrics: Iterable[Metric]) -> Iterator[str]:
    """Why metrics speak against a change, one clause each: below their floor, where base is not."""
    for metric in metrics:
        if metric.below and not (metric.broken or metric.in_doubt or metric.advisory):
            yield _told(metric)


def doubtful(metrics: Iterable[Metric]) -> Iterator[str]:
    """Which metrics are below a floor that base holds, where noise can explain it, one clause each."""
    for metric in metrics:
        if metric.in_doubt and not metric.advisory:
            yield f"{_told(metric)}, which noise can explain"


def _told(metric: Metric) -> str:
    return f"metric {metric.name} {metric.whole:.3f} is below minMetrics {metric.floor or 0:g}"


def _named(checks: Iterable[Check]) -> Iterator[Check]:
    """Checks that count for a metric and say something of the answer, those inside of sets too."""
    for check in checks:
        if check.metric is not None and check.status in ("pass", "fail"):
            yield check
        if check.parts:
            yield from _named(check.parts)


def _domains(composite: Composite, result: CaseResult) -> Sequence[str]:
    if composite.split == "tag":
        return result.tags
    return (result.group,) if composite.split == "group" else ()


def _value(composite: Composite, result: CaseResult, held: Mapping[str, float]) -> float | None:
    tag = next((tag for tag in composite.by_tag if tag in result.tags), None)
    weights = composite.weights if tag is None else composite.by_tag[tag]
    known = {name: weight for name, weight in weights.items() if name in held}
    if not known:
        return None
    return math.fsum(held[name] * weight for name, weight in known.items()) / math.fsum(known.values())


def _metric(name: str, column: _Column, floor: float | None, paired: bool) -> Metric | None:
    if not column.heads:
        return None
    whole = _mean(column.heads)
    below = floor is not None and whole < floor - _ROUNDING
    if not paired or not column.bases:
        low, high = paired_interval(column.heads, column.groups)
        count = len(column.heads)
        return Metric(name, count, whole, max(low, 0.0), high, whole=whole, floor=floor, below=below)
    deltas = array("d", map(operator.sub, column.both_heads, column.bases))
    low, high = paired_interval(deltas, column.both_groups)
    base = _mean(column.bases)
    return Metric(
        name,
        len(deltas),
        _mean(column.both_heads),
        low,
        high,
        base=base,
        delta=_mean(deltas),
        whole=whole,
        floor=floor,
        below=below,
        broken=below and floor is not None and base < floor - _ROUNDING,
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
