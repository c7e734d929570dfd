"""Flips: cases that passed before and fails now, asked again before anyone is blamed.

A flip is only a candidate, since two runs of one prompt already differ. A deterministic engine answers once
more and must answer byte for byte the same; any other gives eight fresh samples per arm, judged by Fisher's
test and Holm's correction. First samples are not used twice: they were picked for being bad.
It must never ask the cache: an old answer proves nothing about noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from registry.evaluation.records import ArmName, Sample, Suite
from registry.evaluation.statistics import fisher, holm
from registry.evaluation.tally import Answers, answers
from registry.evaluation.verdict import CaseResult, Flip

ALPHA = 0.025  # half of the gate's 5 %; the other half is the suite test's
DROP = -0.5
MOST = 20
FRESH = 8
_ARMS: tuple[ArmName, ...] = ("base", "head")


class Rerun(Protocol):
    """Asks the engine anew, never the cache."""

    def __call__(self, cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        """Fresh samples of both arms, for each case those from index ``first`` to ``first + count - 1``."""
        ...


@dataclass(frozen=True, slots=True)
class Recheck:
    """What asking again gave."""

    flips: tuple[Flip, ...] = ()
    notes: tuple[str, ...] = ()


def candidates(results: Sequence[CaseResult]) -> tuple[str, ...]:
    """The cases that fell by half or more, worst first, at most twenty."""
    fallen = sorted((r.delta, r.id) for r in results if r.delta is not None and r.delta <= DROP)
    return tuple(case for _, case in fallen[:MOST])


def recheck(
    suite: Suite,
    results: Sequence[CaseResult],
    answered: Answers,
    *,
    rerun: Rerun | None,
    deterministic: bool,
) -> Recheck:
    """The candidates, asked again where ``rerun`` is given."""
    cases = candidates(results)
    if not cases:
        return Recheck()
    if rerun is None:
        return Recheck(tuple(Flip(case) for case in cases), ("flips were not asked again",))
    if not deterministic:
        return _by_statistics(suite, cases, rerun)
    again = answers(suite.id, rerun(cases, 0, 1))
    moved = [case for case in cases if not _reproduced(case, answered, again)]
    if not moved:
        return Recheck(tuple(Flip(case, confirmed=True) for case in cases))
    found = _by_statistics(suite, cases, rerun)
    named = ", ".join(moved)
    note = f"this environment is not deterministic: {named} did not answer the same twice; use samples: 3"
    return Recheck(found.flips, (note, *found.notes))


def adjusted(flips: Sequence[Flip]) -> tuple[Flip, ...]:
    """The flips with p-values corrected for how many there are, and those at or below alpha confirmed."""
    corrected = iter(holm([flip.p for flip in flips if flip.p is not None]))
    return tuple(flip if flip.p is None else _judged(flip, next(corrected)) for flip in flips)


def _judged(flip: Flip, p_adjusted: float) -> Flip:
    return replace(flip, p_adjusted=p_adjusted, confirmed=p_adjusted <= ALPHA)


def _by_statistics(suite: Suite, cases: Sequence[str], rerun: Rerun) -> Recheck:
    again = answers(suite.id, rerun(cases, suite.samples, FRESH))
    return Recheck(adjusted([Flip(case, _fisher(case, again)) for case in cases]))


def _fisher(case: str, again: Answers) -> float | None:
    passed: dict[ArmName, int] = {}
    total: dict[ArmName, int] = {}
    for arm in _ARMS:
        judged = [sample.status for sample in again.get((arm, case), ()) if sample.status != "error"]
        passed[arm], total[arm] = judged.count("pass"), len(judged)
    if not (total["base"] and total["head"]):
        return None
    return fisher(passed["base"], total["base"], passed["head"], total["head"])


def _reproduced(case: str, answered: Answers, again: Answers) -> bool:
    return all(_first(answered, arm, case) == _first(again, arm, case) is not None for arm in _ARMS)


def _first(answered: Answers, arm: ArmName, case: str) -> str | None:
    samples = [sample for sample in answered.get((arm, case), ()) if sample.index == 0]
    return samples[0].completion.text if samples and samples[0].completion.error is None else None
