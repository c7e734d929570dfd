"""Head against base over the cases that both have: differences, test, interval, power.

The gate's statistics in one value (Miller 2024, arXiv 2411.00640). Cases that are new, changed or gone are
not compared, and a case that erred in either arm is dropped: a missing answer is no wrong answer.
It must never say a word: numbers only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat

from registry.evaluation.statistics import (
    cluster_sums,
    design_effect,
    detectable_drop,
    paired_interval,
    sign_flip,
)
from registry.evaluation.verdict import CaseResult, Comparison, Flip

RELIABLE_GROUPS = 10
Find = Callable[[str], CaseResult | None]


class Differences:
    """The differences of the cases that are compared, taken in one by one.

    Most cases are groups of their own, and differences have few values, so these are counted and not held.
    """

    def __init__(self, results: Iterable[CaseResult] = ()) -> None:
        self.lost: list[str] = []
        self.gained: list[str] = []
        self.same_requests = True
        self._lone: Counter[float] = Counter()
        self._several: dict[str, list[float]] = {}
        for result in results:
            if (delta := result.delta) is not None:
                self.see(result, delta)

    def see(self, result: CaseResult, delta: float) -> None:
        """Take a case in."""
        if result.group == result.id:
            self._lone[delta] += 1
        else:
            self._several.setdefault(result.group, []).append(delta)
        self.same_requests = self.same_requests and result.same_requests
        if delta:
            (self.lost if delta < 0 else self.gained).append(result.id)

    def clusters(self, find: Find) -> tuple[list[float], list[str | None]]:
        """Every difference with its group, None for a case that is one of its own; ``find`` knows cases by id."""
        lone, several = self._lone.copy(), {name: [*held] for name, held in self._several.items()}
        for name, held in several.items():  # a group may be named after a case, which then belongs to it
            namesake = find(name)
            if namesake is not None and namesake.group == name and (delta := namesake.delta) is not None:
                lone[delta] -= 1
                held.append(delta)
        deltas = [*chain.from_iterable(repeat(delta, count) for delta, count in lone.items())]
        groups: list[str | None] = [None] * len(deltas)
        for name, held in several.items():
            deltas += held
            groups += [name] * len(held)
        return deltas, groups


def compare(differences: Differences, find: Find, flips: Sequence[Flip], seed: int) -> Comparison | None:
    """The comparison of both arms, None when not one case can be paired."""
    deltas, groups = differences.clusters(find)
    if not deltas:
        return None
    sums = cluster_sums(deltas, groups)
    low, high = paired_interval(deltas, groups)
    p_drop = sign_flip(sums, seed)
    return Comparison(
        cases=len(deltas),
        groups=len(sums),
        delta=math.fsum(deltas) / len(deltas),
        low=low,
        high=high,
        p_drop=p_drop,
        p_drop_adjusted=p_drop,
        p_gain=sign_flip([-value for value in sums], seed),
        discordant=math.fsum(delta * delta for delta in deltas) / len(deltas),
        detectable=detectable_drop(deltas, groups),
        reliable=len(sums) >= RELIABLE_GROUPS,
        lost=tuple(differences.lost),
        gained=tuple(differences.gained),
        flips=tuple(flips),
        design_effect=design_effect(deltas, groups),
        identical=not any(deltas) and differences.same_requests,
    )
