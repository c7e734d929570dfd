"""Head against base over the cases that both have: differences, test, interval, power.

The gate's statistics in one value (Miller 2024, arXiv 2411.00640). Cases that are new, changed or gone are
not compared, and a case that erred in either arm is dropped: a missing answer is no wrong answer.
It must never say a word: numbers only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from registry.evaluation.statistics import detectable_drop, paired_interval, sign_flip
from registry.evaluation.tally import Answers
from registry.evaluation.verdict import CaseResult, Comparison, Flip

RELIABLE_GROUPS = 10


def compare(
    results: Sequence[CaseResult], answered: Answers, flips: Sequence[Flip], seed: int
) -> Comparison | None:
    """The comparison of both arms, None when not one case can be paired."""
    moved = [(result, result.delta) for result in results if result.delta is not None]
    if not moved:
        return None
    deltas = [delta for _, delta in moved]
    groups = [result.group for result, _ in moved]
    sums: defaultdict[str, float] = defaultdict(float)
    for delta, group in zip(deltas, groups, strict=True):
        sums[group] += delta
    low, high = paired_interval(deltas, groups)
    p_drop = sign_flip(list(sums.values()), seed)
    return Comparison(
        cases=len(moved),
        groups=len(sums),
        delta=sum(deltas) / len(deltas),
        low=low,
        high=high,
        p_drop=p_drop,
        p_drop_adjusted=p_drop,
        p_gain=sign_flip([-value for value in sums.values()], seed),
        discordant=sum(delta * delta for delta in deltas) / len(deltas),
        detectable=detectable_drop(deltas, groups),
        reliable=len(sums) >= RELIABLE_GROUPS,
        lost=tuple(result.id for result, delta in moved if delta < 0),
        gained=tuple(result.id for result, delta in moved if delta > 0),
        flips=tuple(flips),
        identical=all(_same_requests(result.id, answered) for result, _ in moved),
    )


def _same_requests(case: str, answered: Answers) -> bool:
    head = [sample.key for sample in answered.get(("head", case), ())]
    base = [sample.key for sample in answered.get(("base", case), ())]
    return head == base and all(head)
