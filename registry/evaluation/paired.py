"""Head against base over the cases that both have: differences, test, interval, power.

The gate's statistics in one value (Miller 2024, arXiv 2411.00640). Cases that are new, changed or gone are
not compared, and a case that erred in either arm is dropped: a missing answer is no wrong answer.
It must never say a word: numbers only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from registry.evaluation.statistics import (
    cluster_sums,
    design_effect,
    detectable_drop,
    paired_interval,
    sign_flip,
)
from registry.evaluation.verdict import CaseResult, Comparison, Flip

RELIABLE_GROUPS = 10


def compare(results: Iterable[CaseResult], flips: Sequence[Flip], seed: int) -> Comparison | None:
    """The comparison of both arms, None when not one case can be paired."""
    moved = [(it.id, it.group, it.same_requests, delta) for it in results if (delta := it.delta) is not None]
    if not moved:
        return None
    deltas = [delta for *_, delta in moved]
    groups = [group for _, group, *_ in moved]
    sums = cluster_sums(deltas, groups)
    low, high = paired_interval(deltas, groups)
    p_drop = sign_flip(sums, seed)
    return Comparison(
        cases=len(moved),
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
        lost=tuple(case for case, *_, delta in moved if delta < 0),
        gained=tuple(case for case, *_, delta in moved if delta > 0),
        flips=tuple(flips),
        design_effect=design_effect(deltas, groups),
        identical=not any(deltas) and all(same for _, _, same, _ in moved),
    )
