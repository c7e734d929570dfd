"""The statistics that the gate needs, on ``math`` alone, so that a verdict costs no scientific stack.

Every function is checked against scipy in its tests. Sources: Wilson 1927; Clopper and Pearson 1934; McNemar
1947; Fisher 1922; Holm 1979; Miller 2024 (arXiv 2411.00640) for clustered paired differences; incomplete beta
by Lentz' continued fraction (Numerical Recipes 6.4).
It must never decide: it turns counts and differences into numbers.
"""

from __future__ import annotations

import itertools
import math
import operator
import random
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median

Groups = Sequence[str | None]  # the cluster of each case; None is a cluster of its own
_EXACT_OUTCOMES = 1 << 16  # all signs of 16 clusters, each of a size of its own
_DRAWS = 10_000
_TOGETHER = 64
_BOOTSTRAP_DRAWS = 400
_BOOTSTRAP_CASES = 1000
_UNIT = 1e-12  # sums are counted in it, since thirds and eighths that are equal on paper differ in their last bits
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

    Exact for up to 16 clusters that are not zero, and wherever sums have few sizes, as they have unless groups are
    many and uneven; with one size it is McNemar's test. Else by 10,000 draws from ``seed``,
    p = (1 + hits) / (draws + 1).

    Args:
        sums: one difference per cluster, negative where head is worse.
        seed: of the draws.
    """
    moved = [round(value / _UNIT) for value in sums if abs(value) > 2 * _UNIT]
    sizes = sorted(Counter(map(abs, moved)).items(), key=lambda size: (size[1], size[0]))
    if len(sizes) <= 1:
        losses = sum(value < 0 for value in moved)
        return mcnemar(losses, len(moved) - losses)
    observed = sum(moved) + len(moved)  # rounding may part by as much what is equal on paper
    if math.prod(count + 1 for _, count in sizes[:-1]) <= _EXACT_OUTCOMES:
        return _all_signs(sizes, observed)
    return (1 + _hits(sizes, observed, random.Random(seed))) / (_DRAWS + 1)  # noqa: S311 - a test, no secret


def _all_signs(sizes: Sequence[tuple[int, int]], observed: int) -> float:
    # coins of one size fall as one binomial; the most numerous ones come last, where their tail will do
    outcomes = {0: 1.0}
    for size, count in sizes[:-1]:
        chances = _binomial(count)
        following: dict[int, float] = {}
        for total, chance in outcomes.items():
            for heads, share in enumerate(chances):
                where = total + size * (2 * heads - count)
                following[where] = following.get(where, 0.0) + chance * share
        outcomes = following
    size, count = sizes[-1]
    tail = [0.0, *itertools.accumulate(_binomial(count))]
    most = (((observed - total + size * count) // (2 * size), chance) for total, chance in outcomes.items())
    return min(1.0, math.fsum(chance * tail[min(max(heads, -1), count) + 1] for heads, chance in most))


def _binomial(count: int) -> list[float]:
    if count <= 1000:
        return [math.comb(count, heads) / 2**count for heads in range(count + 1)]
    logs = [
        math.lgamma(count + 1) - math.lgamma(h + 1) - math.lgamma(count - h + 1) for h in range(count + 1)
    ]
    return [math.exp(log - count * math.log(2)) for log in logs]


def _hits(sizes: Sequence[tuple[int, int]], observed: int, source: random.Random) -> int:
    # many coins of one size are tossed together: the number of heads among n is the bit count of n random bits;
    # the others eight at a time: a random byte says how all eight fell
    many = [(size, count) for size, count in sizes if count >= _TOGETHER]
    single = [size for size, count in sizes if count < _TOGETHER for _ in range(count)]
    tables = [_falls(single[start : start + 8]) for start in range(0, len(single), 8)]
    hits = 0
    for _ in range(_DRAWS):
        total = sum(size * (2 * source.getrandbits(count).bit_count() - count) for size, count in many)
        total += sum(map(list.__getitem__, tables, source.randbytes(len(tables))))
        hits += total <= observed
    return hits


def _falls(sizes: Sequence[int]) -> list[int]:
    """The sums of up to eight coins, by the byte whose bits say how they fell."""
    sums = [0]
    for size in sizes:
        sums = [total + signed for signed in (size, -size) for total in sums]
    return sums * (256 // len(sums))


def fisher(base_passed: int, base_total: int, head_passed: int, head_total: int) -> float:
    """The one-sided Fisher p-value that head passes so much less often than base by chance."""
    passed = base_passed + head_passed
    ways = sum(
        math.comb(base_total, x) * math.comb(head_total, passed - x)
        for x in range(base_passed, min(base_total, passed) + 1)
    )
    return ways / math.comb(base_total + head_total, passed)


def pass_at(k: int, passed: int, total: int) -> float:
    """pass@k: the chance that at least one of ``k`` samples passes, without bias from ``total`` samples.

    1 - C(total - passed, k) / C(total, k) (Chen et al. 2021, arXiv 2107.03374), for 1 <= k <= total.
    """
    return 1.0 - math.comb(total - passed, k) / math.comb(total, k)


def pass_all(k: int, passed: int, total: int) -> float:
    """pass^k: the chance that all of ``k`` samples pass, without bias from ``total`` samples.

    C(passed, k) / C(total, k) (Yao et al. 2024, arXiv 2406.12045), for 1 <= k <= total.
    """
    return math.comb(passed, k) / math.comb(total, k)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given."""
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return tuple(adjusted)


def clustered_error(differences: Sequence[float], groups: Groups) -> float:
    """The cluster-robust standard error of a mean of differences, one per case (Miller 2024, section 2.2).

    Infinite with fewer than two clusters: one cluster says nothing of its own noise.
    """
    n = len(differences)
    mean = math.fsum(differences) / max(n, 1)
    count = cluster_count(groups)
    if count < 2:
        return math.inf
    sums = cluster_sums([difference - mean for difference in differences], groups)
    return math.sqrt(count / (count - 1) * math.fsum(value * value for value in sums)) / n


def cluster_count(groups: Groups) -> int:
    """How many clusters there are."""
    return len({group for group in groups if group is not None}) + sum(group is None for group in groups)


def cluster_sums(differences: Sequence[float], groups: Groups) -> list[float]:
    """The sum of each cluster, the same to the last bit in whatever order its cases come."""
    sums: list[float] = []
    held: dict[str, list[float]] = {}
    for difference, group in zip(differences, groups, strict=True):
        if group is None:
            sums.append(difference)
        else:
            held.setdefault(group, []).append(difference)
    return [*sums, *map(math.fsum, held.values())]


def paired_interval(differences: Sequence[float], groups: Groups) -> tuple[float, float]:
    """The 95 % interval of a mean of paired differences: clustered error, Student's t.

    Degrees of freedom are clusters - 1. Never narrower on a side than what as many cases without any difference
    could prove (exact binomial): a spread of zero in a small set is no certainty. (-1, 1) below two clusters.
    """
    count = cluster_count(groups)
    if count < 2:
        return -1.0, 1.0
    mean = math.fsum(differences) / len(differences)
    spread = t_quantile(0.975, count - 1) * clustered_error(differences, groups)
    unseen = 1.0 - 0.025 ** (design_effect(differences, groups) / len(differences))
    half = max(spread, unseen)
    return max(-1.0, mean - half), min(1.0, mean + half)


def detectable_drop(
    differences: Sequence[float], groups: Groups, *, alpha: float = 0.025, power: float = 0.8
) -> float | None:
    """The smallest true drop that such a run would have found, or None when it could have found none.

    See :func:`detectable`; the share of discordant cases is that of the run, and groups count by their design
    effect.
    """
    n = len(differences)
    if n < 2:
        return None
    psi = math.fsum(value * value for value in differences) / n
    return detectable(psi, n / design_effect(differences, groups), alpha=alpha, power=power)


def detectable(psi: float, cases: float, *, alpha: float = 0.025, power: float = 0.8) -> float | None:
    """The smallest drop that is found among so many independent cases, of which a share ``psi`` is discordant.

    Solves n = ((z_a sqrt(psi) + z_b sqrt(psi - delta^2)) / delta)^2 for delta (Connor 1987), where psi is the
    share of discordant cases, at least delta itself. None when there is none below 1.
    """
    z_alpha, z_power = normal_quantile(1.0 - alpha), normal_quantile(power)

    def enough(delta: float) -> float:
        share = max(psi, delta)
        needed = z_alpha * math.sqrt(share) + z_power * math.sqrt(max(share - delta * delta, 0.0))
        return cases * delta * delta - needed * needed

    return None if enough(1.0) < 0.0 else _bisect(enough, 0.0, 0.0, 1.0)


def ratio_of_medians(
    base: Sequence[float], head: Sequence[float], groups: Sequence[str], seed: int = 0
) -> tuple[float, float, float]:
    """The ratio of two paired medians, head by base, with its 95 % percentile bootstrap interval.

    Whole clusters are drawn, so that cases which move together stay together (Efron and Tibshirani 1993). Above
    1,000 cases as many are drawn and the spread is scaled down by the root of the share (Bickel, Gotze and van
    Zwet 1997), so that the effort has a bound.

    Args:
        base: one value above 0 per case.
        head: the same for head, in the same order.
        groups: the cluster of each case.
        seed: of the draws.
    """
    ratio = median(head) / median(base)
    if all(map(operator.eq, base, head)):
        return 1.0, 1.0, 1.0
    order = array("q", range(len(base)))
    for values in (head, base, groups):  # sorting is stable: by group, then base, then head
        order = array("q", sorted(order, key=values.__getitem__))
    starts = array("q", (n for n, i in enumerate(order) if not n or groups[i] != groups[order[n - 1]]))
    ends = array("q", [*starts[1:], len(order)])
    size = max(2, min(len(starts), len(starts) * _BOOTSTRAP_CASES // len(base)))
    source = random.Random(seed)  # noqa: S311 - draws, no secret
    drawn: list[float] = []
    for _ in range(_BOOTSTRAP_DRAWS):
        clusters = source.choices(range(len(starts)), k=size)
        chosen = [index for cluster in clusters for index in order[starts[cluster] : ends[cluster]]]
        drawn.append(median([head[i] for i in chosen]) / median([base[i] for i in chosen]))
    drawn.sort()
    shrink = math.sqrt(size / len(starts))
    low, high = (drawn[round(share * (len(drawn) - 1))] for share in (0.025, 0.975))
    return ratio, ratio + (low - ratio) * shrink, ratio + (high - ratio) * shrink


def design_effect(differences: Sequence[float], groups: Groups) -> float:
    """How many times larger clusters make the variance of the mean; 1 where nothing differs or there is one cluster."""
    clustered = clustered_error(differences, groups)
    apart = clustered_error(differences, [None] * len(differences))
    if apart <= 0.0 or math.isinf(clustered):
        return 1.0  # nothing differed, so nothing shows that cases of a cluster move together
    return max(1.0, (clustered / apart) ** 2)
