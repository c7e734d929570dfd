"""How far two readers agree on the same answers: share of equal labels, and Cohen's kappa.

Kappa is the agreement beyond what two readers with these habits would reach by chance.
It must never make a number where there is none: two readers who never say anything but one word have no kappa.

Source: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two readers on ``n`` answers: the share of equal labels from 0 to 1, and kappa from -1 to 1.

    ``kappa`` is None where both readers gave one and the same label to all: chance alone would do as well.
    """

    n: int
    share: float
    kappa: float | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """The agreement of two readers; one pair of labels for each answer that both read."""
    n = len(pairs)
    if not n:
        return Agreement(0, 0.0, None)
    observed = sum(left == right for left, right in pairs) / n
    lefts, rights = Counter(left for left, _ in pairs), Counter(right for _, right in pairs)
    by_chance = sum(lefts[label] * rights[label] for label in lefts) / n**2
    if by_chance >= 1:
        return Agreement(n, observed, None)
    return Agreement(n, observed, (observed - by_chance) / (1 - by_chance))
