"""From samples to one result per case, and from results to rates.

A case is the unit of everything that follows: its samples are counted here and never again taken for cases.
It must never leave a case out: one without an answer has an empty tally, which the gate will see.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from statistics import median
from typing import Any

from registry.evaluation.answered import Answered, Mark, Marks, answers
from registry.evaluation.metrics import scores
from registry.evaluation.records import Case, Suite
from registry.evaluation.shelf import by_key
from registry.evaluation.statistics import clopper_pearson_low, wilson
from registry.evaluation.verdict import CaseResult, Rate, Standing, Tally, Took

__all__ = ["Named", "answers", "rate", "rate_of", "results", "same_content", "some"]
_NAMED = 5


def results(suite: Suite, base: Suite | None, answered: Answered) -> Iterator[CaseResult]:
    """One result per case of head in the suite's order, then those that only base has; nothing is held."""
    theirs: Sequence[Case] = base.cases if base is not None else ()
    before, here = by_key(theirs, lambda case: case.id), by_key(suite.cases, lambda case: case.id)
    for case in suite.cases:
        yield _result(case, before(case.id), answered)
    for case in theirs:
        if here(case.id) is None:
            yield CaseResult(case.id, case.group, "removed", case.required)


class Named:
    """Cases by name, of which the first five are told and the others counted; ``why`` is what the first one says."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.count = 0
        self.why = ""
        self._first: list[str] = []
        for name in names:
            self.add(name)

    def add(self, name: str, why: str = "") -> None:
        """Take one in."""
        if not self.count:
            self.why = why
        if self.count < _NAMED:
            self._first.append(name)
        self.count += 1

    def followed(self, other: Named) -> Named:
        """These, then the others."""
        both = Named([*self._first, *other._first])
        both.count, both.why = self.count + other.count, self.why if self.count else other.why
        return both

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        noun = "case" if self.count == 1 else "cases"
        more = f" and {self.count - _NAMED} more" if self.count > _NAMED else ""
        return f"{noun} {', '.join(self._first[:_NAMED])}{more}"


def some(names: Iterable[str]) -> str:
    """Cases by name in a sentence, the first five of them."""
    return str(Named(names))


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


def _result(case: Case, before: Case | None, answered: Answered) -> CaseResult:
    standing: Standing = "new" if before is None else "paired" if same_content(case, before) else "changed"
    head = answered.of("head", case.id)
    base = answered.of("base", case.id) if standing == "paired" else ()
    bad = next((mark for mark in head if mark.status != "pass"), None)
    seconds = [mark.seconds for mark in head if mark.seconds is not None]
    return CaseResult(
        id=case.id,
        group=case.group,
        standing=standing,
        required=case.required,
        head=_tally(head),
        base=_tally(base) if standing == "paired" else None,
        reason=_base_trouble(base) if bad is None else bad.reason,
        answer="" if bad is None else bad.text,
        base_answer=base[0].text if base and bad is not None else "",
        line=case.line,
        seconds=sum(seconds) if seconds else None,
        tags=case.tags,
        metrics=scores(mark.scores for mark in head),
        base_metrics=scores(mark.scores for mark in base),
        advisory_metrics=tuple(dict.fromkeys(name for mark in head for name in mark.advisory)),
        took=_took(head),
        base_took=_took(base),
        same_requests=_same_requests(head, base),
        inputs={} if all(mark.status == "pass" for mark in (*head, *base)) else case.inputs,
    )


def _same_requests(head: Marks, base: Marks) -> bool:
    keys = [mark.key for mark in head]
    return keys == [mark.key for mark in base] and all(keys)


_NOTHING = Took()


def _took(marks: Marks) -> Took:
    answered = [mark for mark in marks if mark.status != "error"]
    if not answered:
        return _NOTHING
    return Took(
        tokens=_median([mark.tokens or None for mark in answered]),
        cost=_median([mark.cost for mark in answered]),
        seconds=_median([None if mark.cached else mark.seconds for mark in answered]),
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return float(known[0]) if known else None
    return float(median(known))


def _tally(marks: Marks) -> Tally:
    statuses = [mark.status for mark in marks]
    return Tally(statuses.count("pass"), statuses.count("fail"), statuses.count("error"))


def _base_trouble(marks: Marks) -> str:
    error: Mark | None = next((mark for mark in marks if mark.status == "error"), None)
    return "" if error is None else f"in base: {error.reason}"


def rate(tallies: Iterable[Tally]) -> Rate | None:
    """The pass rate over the cases that were judged, None when none was."""
    return rate_of(Counter(tallies))


def rate_of(tallies: Counter[Tally]) -> Rate | None:
    """The same of tallies with how many cases have each: few differ, however many cases there are."""
    judged = Counter({tally: count for tally, count in tallies.items() if tally.judged})
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
