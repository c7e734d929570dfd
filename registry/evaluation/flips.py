"""Flips: cases that passed before and fail now, asked again before anyone is blamed.

A flip is only a candidate, since two runs of one prompt already differ. A deterministic engine answers once
more and must answer byte for byte the same; any other gives eight fresh samples per arm, judged by Fisher's
test and Holm's correction. First samples are not used twice: they were picked for being bad.
It must never ask the cache: an old answer proves nothing about noise.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from registry.evaluation.answered import Answered, answers
from registry.evaluation.records import ArmName, Sample, Suite
from registry.evaluation.statistics import fisher, holm
from registry.evaluation.tally import some
from registry.evaluation.verdict import Flip

ALPHA = 0.025  # half of the gate's 5 %; the other half is the suite test's
DROP = -0.5
MOST = 20
FRESH = 8
_TRIMMED = 1000
_ARMS: tuple[ArmName, ...] = ("base", "head")


class Rerun(Protocol):
    """Asks the engine anew, never the cache."""

    def __call__(self, cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        """Fresh samples of both arms, for each case those from index ``first`` to ``first + count - 1``."""
        ...


@dataclass(frozen=True, slots=True)
class Recheck:
    """What asking again gave. ``steady`` is False where a model that is said to repeat itself did not."""

    flips: tuple[Flip, ...] = ()
    notes: tuple[str, ...] = ()
    steady: bool = True


class Fallen:
    """The cases that fell by half or more, taken in one by one: the worst twenty."""

    def __init__(self) -> None:
        self._held: list[tuple[float, str]] = []

    def see(self, case: str, delta: float) -> None:
        """Take a case in."""
        if delta <= DROP:
            self._held.append((delta, case))
            if len(self._held) > _TRIMMED:
                self._held = heapq.nsmallest(MOST, self._held)

    def candidates(self) -> tuple[str, ...]:
        """Their names, worst first."""
        return tuple(case for _, case in heapq.nsmallest(MOST, self._held))


def recheck(
    suite: Suite,
    cases: Sequence[str],
    answered: Answered,
    *,
    rerun: Rerun | None,
    deterministic: bool,
) -> Recheck:
    """The candidates, asked again where ``rerun`` is given.

    Samples that share a content address are one answer, however often it is counted. Such a model, which
    decodes greedily, is treated as a deterministic one: its answer must come again.
    """
    if not cases:
        return Recheck()
    if rerun is None:
        return Recheck(tuple(Flip(case) for case in cases), ("flips were not asked again",))
    again = answers(suite.id, rerun(cases, 0, 1) if deterministic else rerun(cases, suite.samples, FRESH))
    if not deterministic and not _copied(again):
        return _by_statistics(cases, again)
    moved = [case for case in cases if not _reproduced(case, answered, again)]
    if not moved:
        return Recheck(tuple(Flip(case, confirmed=True) for case in cases))
    found = _by_statistics(cases, _one_by_one(suite, cases, rerun))
    note = (
        f"this environment is not deterministic: {some(moved)} did not answer the same twice; use samples: 3"
    )
    return Recheck(found.flips, (note, *found.notes), steady=False)


def _copied(again: Answered) -> bool:
    return any(len({sample.key for sample in held}) < len(held) for held in again.values())


def _one_by_one(suite: Suite, cases: Sequence[str], rerun: Rerun) -> Answered:
    # in one call, questions that are the same would be asked once
    return answers(suite.id, [s for n in range(FRESH) for s in rerun(cases, suite.samples + n, 1)])


def adjusted(flips: Sequence[Flip]) -> tuple[Flip, ...]:
    """The flips with p-values corrected for how many there are, and those at or below alpha confirmed."""
    corrected = iter(holm([flip.p for flip in flips if flip.p is not None]))
    return tuple(flip if flip.p is None else _judged(flip, next(corrected)) for flip in flips)


def _judged(flip: Flip, p_adjusted: float) -> Flip:
    return replace(flip, p_adjusted=p_adjusted, confirmed=p_adjusted <= ALPHA)


def _by_statistics(cases: Sequence[str], again: Answered) -> Recheck:
    found = adjusted([Flip(case, _fisher(case, again)) for case in cases])
    silent = [flip.case for flip in found if flip.p is None]
    note = f"{some(silent)} gave no answer when asked again, so it is not known whether they fell"
    return Recheck(found, (note,) if silent else ())


def _fisher(case: str, again: Answered) -> float | None:
    passed: dict[ArmName, int] = {}
    total: dict[ArmName, int] = {}
    for arm in _ARMS:
        judged = [sample.status for sample in again.of(arm, case) if sample.status != "error"]
        passed[arm], total[arm] = judged.count("pass"), len(judged)
    if not (total["base"] and total["head"]):
        return None
    return fisher(passed["base"], total["base"], passed["head"], total["head"])


def _reproduced(case: str, answered: Answered, again: Answered) -> bool:
    return all(_first(answered, arm, case) == _first(again, arm, case) is not None for arm in _ARMS)


def _first(answered: Answered, arm: ArmName, case: str) -> bytes | None:
    marks = answered.of(arm, case)
    return marks[0].said if marks else None
