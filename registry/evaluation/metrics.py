"""Named scores: what a case scored for each metric, and their means in both arms.

A metric is a mean of scores where the verdict counts cases that pass: it shows a tone that slips before a case falls.
It must never decide but by a floor, and never count a check that said nothing of an answer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from registry.evaluation.metrics_reading import AT, told_names
from registry.evaluation.records import Check, Composite, Sample, Suite
from registry.evaluation.statistics import paired_interval
from registry.evaluation.verdict import CaseResult, Metric

_ROUNDING = 1e-9
_NOTHING: Mapping[str, float] = {}
_Pairs = Sequence[tuple[CaseResult, float | None, float | None]]


def scores(samples: Iterable[Sample]) -> Mapping[str, float]:
    """The score of one case for each metric: the weighted mean of the checks that name it, then of the samples."""
    held: defaultdict[str, list[float]] = defaultdict(list)
    for sample in samples:
        for name, score in _of_sample(sample).items():
            held[name].append(score)
    return {name: math.fsum(values) / len(values) for name, values in held.items()} or _NOTHING


def advisory_names(samples: Iterable[Sample]) -> tuple[str, ...]:
    """The metrics to which a judge gave scores that count for nothing."""
    found = {check.metric: None for sample in samples for check in _named(sample.checks) if check.advisory}
    return tuple(name for name in found if name is not None)


def measured(
    suite: Suite, results: Sequence[CaseResult], *, paired: bool, steady: bool = False
) -> tuple[Metric, ...]:
    """Every metric of a suite by name: those that expectations name, those that the suite makes of them.

    Args:
        suite: whose composites and floors count.
        results: one for each case; those that erred count where they have scores.
        paired: compare head with base over the cases that have a score in both; else head stands alone.
        steady: asking again gives the same answers, so that noise explains nothing.
    """
    found: list[Metric] = []
    for name, names, pairs in _by_name(suite, results):
        metric = _metric(name, pairs, suite.policy.min_metrics.get(name), paired)
        if metric is not None:
            fell = paired and metric.below and not metric.broken and metric.base is not None
            doubt = fell and not steady and metric.high >= 0
            advisory = any(not names.isdisjoint(it.advisory_metrics) for it, _, _ in pairs)
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


def _of_sample(sample: Sample) -> Mapping[str, float]:
    if not sample.checks:
        return _NOTHING
    sums: dict[str, tuple[float, float]] = {}
    for check in _named(sample.checks):
        total, weight = sums.get(check.metric or "", (0.0, 0.0))
        sums[check.metric or ""] = (total + check.score * check.weight, weight + check.weight)
    return {name: total / weight for name, (total, weight) in sums.items()}


def _named(checks: Iterable[Check]) -> Iterator[Check]:
    """Checks that count for a metric and say something of the answer, those inside of sets too."""
    for check in checks:
        if check.metric is not None and check.status in ("pass", "fail"):
            yield check
        if check.parts:
            yield from _named(check.parts)


def _by_name(suite: Suite, results: Sequence[CaseResult]) -> Iterator[tuple[str, set[str], _Pairs]]:
    """Each metric with the names that it is made of, and what every case scored in head and in base."""
    made = {composite.name for composite in suite.metrics}
    plain = sorted({name for it in results for held in (it.metrics, it.base_metrics) for name in held} - made)
    for name in plain:
        yield name, {name}, [(it, it.metrics.get(name), it.base_metrics.get(name)) for it in results]
    for composite in suite.metrics:
        pairs = [
            (it, _value(composite, it, it.metrics), _value(composite, it, it.base_metrics)) for it in results
        ]
        names = set(composite.weights).union(*composite.by_tag.values())
        yield composite.name, names, pairs
        domains = dict.fromkeys(domain for it in results for domain in _domains(composite, it))
        for domain in domains:
            within = [pair for pair in pairs if domain in _domains(composite, pair[0])]
            yield f"{composite.name}{AT}{domain}", names, within


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


def _metric(name: str, pairs: _Pairs, floor: float | None, paired: bool) -> Metric | None:
    alone = [(it, head) for it, head, _ in pairs if head is not None]
    if not alone:
        return None
    whole = _mean([head for _, head in alone])
    below = floor is not None and whole < floor - _ROUNDING
    both = [(it, head, base) for it, head, base in pairs if head is not None and base is not None]
    if not paired or not both:
        low, high = paired_interval([head for _, head in alone], [it.group for it, _ in alone])
        return Metric(name, len(alone), whole, max(low, 0.0), high, whole=whole, floor=floor, below=below)
    deltas = [head - base for _, head, base in both]
    low, high = paired_interval(deltas, [it.group for it, _, _ in both])
    base = _mean([base for _, _, base in both])
    return Metric(
        name,
        len(both),
        _mean([head for _, head, _ in both]),
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
