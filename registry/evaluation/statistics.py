"""The statistics that the gate needs, on ``math`` alone, so that a verdict costs no scientific stack.

Every function is checked against scipy in its tests. Sources: Wilson 1927; Clopper and Pearson 1934; McNemar
1947; Fisher 1922; Holm 1979; Miller 2024 (arXiv 2411.00640) for clustered paired differences; incomplete beta
by Lentz' continued fraction (Numerical Recipes 6.4).
It must never decide: it turns counts and differences into numbers.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

_EXACT_CLUSTERS = 16
_DRAWS = 10_000
_TIE = 1e-9  # sums of thirds and eighths that are equal on paper may differ in their last bits
_TINY = 1e-300


def normal_quantile(p: float) -> float:
    """The standard normal quantile of ``p`` in (0, 1)."""
    return _bisect(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)), p, -40.0, 40.0)


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(log_front)
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(x, a, b) / a
    return 1.0 - front * _beta_fraction(1.0 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    c = 1.0
    d = 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    h = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        step = 1.0
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d)
            c = _away_from_zero(1.0 + term / c)
            step = d * c
            h *= step
        if abs(step - 1.0) < 1e-15:
            break
    return h


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _bisect(rising: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    for _ in range(200):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return 0.5 * (low + high)


def t_quantile(p: float, df: float) -> float:
    """Student's t quantile of ``p`` in (0, 1) with ``df`` degrees of freedom above 0."""
    if p < 0.5:
        return -t_quantile(1.0 - p, df)
    tail = _bisect(lambda x: incomplete_beta(x, df / 2.0, 0.5), 2.0 * (1.0 - p), 0.0, 1.0)
    return math.sqrt(df * (1.0 - tail) / max(tail, _TINY))


def wilson(passed: float, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided Wilson interval of a rate, for display; (0, 1) when ``total`` is 0.

    ``passed`` may be a sum of means, one for each of ``total`` cases.
    """
    if total == 0:
        return 0.0, 1.0
    z = normal_quantile(0.5 + confidence / 2.0)
    rate, shrink = passed / total, 1.0 + z * z / total
    middle = (rate + z * z / (2.0 * total)) / shrink
    half = z / shrink * math.sqrt(rate * (1.0 - rate) / total + z * z / (4.0 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def clopper_pearson_low(passed: int, total: int, confidence: float = 0.95) -> float:
    """The one-sided exact lower bound of a rate: what ``passed`` of ``total`` prove."""
    if passed == 0:
        return 0.0
    return _bisect(lambda x: incomplete_beta(x, passed, total - passed + 1), 1.0 - confidence, 0.0, 1.0)


def clopper_pearson_high(passed: int, total: int, confidence: float = 0.95) -> float:
    """The one-sided exact upper bound of a rate."""
    return 1.0 - clopper_pearson_low(total - passed, total, confidence)


def mcnemar(losses: int, gains: int) -> float:
    """The exact one-sided McNemar p-value of at least so many losses among the discordant pairs."""
    n = losses + gains
    if losses == 0:
        return 1.0
    if n > 1000:
        return incomplete_beta(0.5, losses, gains + 1)
    return float(sum(math.comb(n, k) for k in range(losses, n + 1)) / 2**n)


def sign_flip(sums: Sequence[float], seed: int = 0) -> float:
    """The one-sided p-value that sums of clusters are this low by chance, each sign being a coin toss.

    Exact for up to 16 clusters that are not zero, and whenever all have one size (which is McNemar's test);
    else by 10,000 draws from ``seed``, p = (1 + hits) / (draws + 1).

    Args:
        sums: one difference per cluster, negative where head is worse.
        seed: of the draws.
    """
    moved = [value for value in sums if abs(value) > _TIE]
    sizes = Counter(round(abs(value), 9) for value in moved)
    if len(sizes) <= 1:
        losses = sum(value < 0 for value in moved)
        return mcnemar(losses, len(moved) - losses)
    observed = sum(moved) + _TIE
    if len(moved) <= _EXACT_CLUSTERS:
        outcomes = [0.0]
        for value in moved:
            outcomes = [total + signed for total in outcomes for signed in (value, -value)]
        return sum(total <= observed for total in outcomes) / len(outcomes)
    return (1 + _hits(sizes, observed, random.Random(seed))) / (_DRAWS + 1)  # noqa: S311 - a test, no secret


def _hits(sizes: Counter[float], observed: float, source: random.Random) -> int:
    # equal sizes are tossed together: the number of heads among n coins is the bit count of n random bits
    groups = list(sizes.items())
    hits = 0
    for _ in range(_DRAWS):
        total = sum(size * (2 * source.getrandbits(count).bit_count() - count) for size, count in groups)
        hits += total <= observed
    return hits


def fisher(base_passed: int, base_total: int, head_passed: int, head_total: int) -> float:
    """The one-sided Fisher p-value that head passes so much less often than base by chance."""
    passed = base_passed + head_passed
    ways = sum(
        math.comb(base_total, x) * math.comb(head_total, passed - x)
        for x in range(base_passed, min(base_total, passed) + 1)
    )
    return ways / math.comb(base_total + head_total, passed)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given."""
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return tuple(adjusted)


def clustered_error(differences: Sequence[float], groups: Sequence[str]) -> float:
    """The cluster-robust standard error of a mean of differences, one per case (Miller 2024, section 2.2).

    Infinite with fewer than two clusters: one cluster says nothing of its own noise.
    """
    n = len(differences)
    mean = math.fsum(differences) / max(n, 1)
    sums: dict[str, float] = {}
    for difference, group in zip(differences, groups, strict=True):
        sums[group] = sums.get(group, 0.0) + difference - mean
    count = len(sums)
    if count < 2:
        return math.inf
    return math.sqrt(count / (count - 1) * math.fsum(value * value for value in sums.values())) / n


def paired_interval(differences: Sequence[float], groups: Sequence[str]) -> tuple[float, float]:
    """The 95 % interval of a mean of paired differences: clustered error, Student's t.

    Degrees of freedom are clusters - 1. Never narrower on a side than what as many cases without any difference
    could prove (exact binomial): a spread of zero in a small set is no certainty. (-1, 1) below two clusters.
    """
    count = len(set(groups))
    if count < 2:
        return -1.0, 1.0
    mean = math.fsum(differences) / len(differences)
    spread = t_quantile(0.975, count - 1) * clustered_error(differences, groups)
    unseen = 1.0 - 0.025 ** (_design_effect(differences, groups) / len(differences))
    half = max(spread, unseen)
    return max(-1.0, mean - half), min(1.0, mean + half)


def detectable_drop(
    differences: Sequence[float], groups: Sequence[str], *, alpha: float = 0.025, power: float = 0.8
) -> float | None:
    """The smallest true drop that such a run would have found, or None when it could have found none.

    Solves n = ((z_a sqrt(psi) + z_b sqrt(psi - delta^2)) / delta)^2 for delta (Connor 1987), where psi is the
    share of discordant cases, at least delta itself, and n the cases divided by the design effect of
    clusters.
    """
    n = len(differences)
    if n < 2:
        return None
    psi = math.fsum(value * value for value in differences) / n
    usable = n / _design_effect(differences, groups)
    z_alpha, z_power = normal_quantile(1.0 - alpha), normal_quantile(power)

    def enough(delta: float) -> float:
        share = max(psi, delta)
        needed = z_alpha * math.sqrt(share) + z_power * math.sqrt(max(share - delta * delta, 0.0))
        return usable * delta * delta - needed * needed

    return None if enough(1.0) < 0.0 else _bisect(enough, 0.0, 0.0, 1.0)


def _design_effect(differences: Sequence[float], groups: Sequence[str]) -> float:
    clustered = clustered_error(differences, groups)
    apart = clustered_error(differences, [str(index) for index in range(len(differences))])
    if apart <= 0.0 or math.isinf(clustered):
        return 1.0  # nothing differed, so nothing shows that cases of a cluster move together
    return max(1.0, (clustered / apart) ** 2)
