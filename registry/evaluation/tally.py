"""From samples to one result per case, and from results to rates.

A case is the unit of everything that follows: its samples are counted here and never again taken for cases.
It must never leave a case out: one without an answer has an empty tally, which the gate will see.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from statistics import median
from typing import Any

from registry.evaluation.answered import Answered
from registry.evaluation.metrics import advisory_names, scores
from registry.evaluation.records import ArmName, Case, Sample, Suite
from registry.evaluation.shelf import by_key, gathered
from registry.evaluation.statistics import clopper_pearson_low, wilson
from registry.evaluation.verdict import CaseResult, Rate, Standing, Tally, Took

Answers = Mapping[tuple[ArmName, str], Sequence[Sample]]
_EXCERPT = 500
_NAMED = 5


def answers(suite: str, samples: Iterable[Sample]) -> Answers:
    """The samples of one suite by arm and case, in the order of their index; of doubles the last counts."""
    found = Answered()
    for sample in samples:
        if sample.suite == suite:
            found.add(sample)
    return found


def results(suite: Suite, base: Suite | None, answered: Answers) -> Sequence[CaseResult]:
    """One result per case of head in the suite's order, then those that only base has."""
    theirs: Sequence[Case] = base.cases if base is not None else ()
    before, here = by_key(theirs, lambda case: case.id), by_key(suite.cases, lambda case: case.id)
    gone = (
        CaseResult(case.id, case.group, "removed", case.required) for case in theirs if here(case.id) is None
    )
    return gathered(chain((_result(case, before(case.id), answered) for case in suite.cases), gone))


def some(names: Sequence[str]) -> str:
    """Cases by name in a sentence, the first five of them."""
    noun = "case" if len(names) == 1 else "cases"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{noun} {', '.join(names[:_NAMED])}{more}"


def same_content(head: Case, base: Case) -> bool:
    """True when two cases ask and expect the same, wherever they stand in their files."""
    if head is base:
        return True
    if head != base or not _alike(head.inputs, base.inputs):
        return False
    return all(_alike(one.value, other.value) for one, other in zip(head.expect, base.expect, strict=True))


def _alike(one: Any, other: Any) -> bool:
    # equality alone takes 1, 1.0 and True for the same, which a template prints differently
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and bool(one == other)


def _result(case: Case, before: Case | None, answered: Answers) -> CaseResult:
    standing: Standing = "new" if before is None else "paired" if same_content(case, before) else "changed"
    head = answered.get(("head", case.id), ())
    base = answered.get(("base", case.id), ()) if standing == "paired" else ()
    bad = next((sample for sample in head if sample.status != "pass"), None)
    seconds = [sample.completion.seconds for sample in head if sample.completion.seconds is not None]
    return CaseResult(
        id=case.id,
        group=case.group,
        standing=standing,
        required=case.required,
        head=_tally(head),
        base=_tally(base) if standing == "paired" else None,
        reason=_base_trouble(base) if bad is None else _reason(bad),
        answer="" if bad is None else bad.completion.text[:_EXCERPT],
        base_answer=base[0].completion.text[:_EXCERPT] if base and bad is not None else "",
        line=case.line,
        seconds=sum(seconds) if seconds else None,
        tags=case.tags,
        metrics=scores(head),
        base_metrics=scores(base),
        advisory_metrics=advisory_names(head),
        took=_took(head),
        base_took=_took(base),
        same_requests=_same_requests(head, base),
        inputs={} if all(sample.status == "pass" for sample in (*head, *base)) else case.inputs,
    )


def _same_requests(head: Sequence[Sample], base: Sequence[Sample]) -> bool:
    keys = [sample.key for sample in head]
    return keys == [sample.key for sample in base] and all(keys)


def _took(samples: Sequence[Sample]) -> Took:
    answered = [sample.completion for sample in samples if sample.status != "error"]
    return Took(
        tokens=_median([it.prompt_tokens + it.completion_tokens or None for it in answered]),
        cost=_median([it.cost for it in answered]),
        seconds=_median([None if it.cached else it.seconds for it in answered]),
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None


def _tally(samples: Sequence[Sample]) -> Tally:
    statuses = [sample.status for sample in samples]
    return Tally(statuses.count("pass"), statuses.count("fail"), statuses.count("error"))


def _reason(sample: Sample) -> str:
    if sample.completion.error is not None:
        return sample.completion.error
    bad = [
        f"{check.type} {check.reason}".strip() for check in sample.checks if check.status in ("fail", "error")
    ]
    return "; ".join(dict.fromkeys(bad))


def _base_trouble(samples: Sequence[Sample]) -> str:
    error = next((sample for sample in samples if sample.status == "error"), None)
    return "" if error is None else f"in base: {_reason(error)}"


def rate(tallies: Iterable[Tally]) -> Rate | None:
    """The pass rate over the cases that were judged, None when none was."""
    judged = Counter(tally for tally in tallies if tally.judged)  # few differ, however many cases there are
    cases = judged.total()
    if not cases:
        return None
    passed = _sum(judged, lambda tally: tally.mean)
    low, high = wilson(passed, cases)
    proven = clopper_pearson_low(sum(count for tally, count in judged.items() if tally.holds), cases)
    repeats = min(tally.judged for tally in judged)
    ks = range(1, repeats + 1) if repeats > 1 else ()
    return Rate(
        cases=cases,
        mean=passed / cases,
        low=low,
        high=high,
        proven=proven,
        any_of=tuple(_sum(judged, partial(Tally.any_of, k=k)) / cases for k in ks),
        all_of=tuple(_sum(judged, partial(Tally.all_of, k=k)) / cases for k in ks),
    )


def _sum(judged: Counter[Tally], value: Callable[[Tally], float]) -> float:
    return math.fsum(chain.from_iterable(repeat(value(tally), count) for tally, count in judged.items()))


def mean_tokens(answered: Answers) -> tuple[Mapping[ArmName, float | None], float]:
    """Mean tokens of an answer by arm, None when nothing was counted; and the share of answers from the cache."""
    tokens: Counter[ArmName] = Counter()
    counts: Counter[ArmName] = Counter()
    cached = total = 0
    for sample in chain.from_iterable(answered.values()):
        total += 1
        cached += sample.completion.cached
        if sample.status != "error":
            tokens[sample.arm] += sample.completion.prompt_tokens + sample.completion.completion_tokens
            counts[sample.arm] += 1
    arms: tuple[ArmName, ...] = ("base", "head")
    means = {arm: tokens[arm] / counts[arm] if tokens[arm] else None for arm in arms}
    return means, cached / total if total else 0.0
