from __future__ import annotations

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from registry.evaluation import statistics

COUNTS = st.integers(0, 400)


@given(st.floats(1e-6, 1 - 1e-6))
def test_the_normal_quantile_agrees_with_scipy(p: float) -> None:
    assert statistics.normal_quantile(p) == pytest.approx(stats.norm.ppf(p), abs=1e-9)


@given(st.floats(0.0005, 0.9995), st.integers(1, 500))
def test_the_t_quantile_agrees_with_scipy(p: float, df: int) -> None:
    assert statistics.t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-7, abs=1e-7)


@given(st.floats(0, 1 - 1e-9), st.floats(0.5, 500), st.floats(0.5, 500))
def test_the_incomplete_beta_function_agrees_with_scipy(x: float, a: float, b: float) -> None:
    assert statistics.incomplete_beta(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-10)


@given(COUNTS, COUNTS)
def test_wilson_agrees_with_scipy(passed: int, failed: int) -> None:
    total = passed + failed
    if total == 0:
        assert statistics.wilson(0, 0) == (0.0, 1.0)
        return
    wanted = stats.binomtest(passed, total).proportion_ci(method="wilson")
    assert statistics.wilson(passed, total) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@given(COUNTS, COUNTS)
def test_clopper_pearson_agrees_with_scipy(passed: int, failed: int) -> None:
    total = passed + failed + 1
    low = stats.binomtest(passed, total, alternative="greater").proportion_ci(0.95, "exact").low
    high = stats.binomtest(passed, total, alternative="less").proportion_ci(0.95, "exact").high
    assert statistics.clopper_pearson_low(passed, total) == pytest.approx(low, abs=1e-10)
    assert statistics.clopper_pearson_high(passed, total) == pytest.approx(high, abs=1e-10)


@given(st.integers(0, 700), st.integers(0, 700))
def test_mcnemar_is_the_exact_binomial_test(losses: int, gains: int) -> None:
    wanted = 1.0 if losses == 0 else stats.binomtest(losses, losses + gains, alternative="greater").pvalue
    assert statistics.mcnemar(losses, gains) == pytest.approx(wanted, rel=1e-9, abs=1e-14)


def test_five_clean_losses_are_needed_at_five_per_cent_and_six_at_half_of_it() -> None:
    assert statistics.mcnemar(4, 0) > 0.05 > statistics.mcnemar(5, 0) > 0.025 > statistics.mcnemar(6, 0)


@given(st.integers(0, 8), st.integers(0, 8))
def test_fisher_agrees_with_scipy(base: int, head: int) -> None:
    wanted = stats.fisher_exact([[base, 8 - base], [head, 8 - head]], alternative="greater").pvalue
    assert statistics.fisher(base, 8, head, 8) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(("head", "p"), [(1, 0.0007), (2, 0.0035), (3, 0.013), (4, 0.038)])
def test_fisher_gives_the_published_table_of_eight_fresh_samples(head: int, p: float) -> None:
    assert statistics.fisher(8, 8, head, 8) == pytest.approx(p, rel=0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_follows_its_definition(p_values: list[float]) -> None:
    adjusted = statistics.holm(p_values)
    rejected = []
    for rank, p in enumerate(sorted(p_values)):
        if p > 0.025 / (len(p_values) - rank):
            break
        rejected.append(p)
    near = [abs(p * k - 0.025) < 1e-12 for p in p_values for k in range(1, len(p_values) + 1)]
    if not any(near):
        assert sum(p <= 0.025 for p in adjusted) == len(rejected)
    assert all(a >= p for a, p in zip(adjusted, p_values, strict=True))


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0, 2.0]), min_size=2, max_size=9))
def test_the_sign_flip_test_agrees_with_scipy_permutations(sums: list[float]) -> None:
    found = stats.permutation_test(
        (sums,), lambda x: sum(x), permutation_type="samples", alternative="less", n_resamples=5000
    )
    assert statistics.sign_flip(sums) == pytest.approx(found.pvalue, abs=1e-9)


def test_sign_flips_of_equal_size_are_mcnemar_whatever_their_number() -> None:
    assert statistics.sign_flip([-1 / 3] * 30 + [1 / 3] * 12) == pytest.approx(statistics.mcnemar(30, 12))


def test_drawn_sign_flips_are_near_the_exact_value_and_the_same_for_a_seed() -> None:
    sums = [-2.0] * 9 + [-1.0] * 6 + [1.0] * 8 + [2.0] * 3
    exact = _all_sign_flips(sums)
    drawn = statistics.sign_flip(sums, seed=7)
    assert drawn == pytest.approx(exact, abs=0.012)
    assert drawn == statistics.sign_flip(sums, seed=7)


def _all_sign_flips(sums: list[float]) -> float:
    ways = {0.0: 1}
    for value in sums:
        following: dict[float, int] = {}
        for total, count in ways.items():
            for signed in (value, -value):
                following[total + signed] = following.get(total + signed, 0) + count
        ways = following
    return sum(count for total, count in ways.items() if total <= sum(sums)) / 2 ** len(sums)


@given(
    st.lists(
        st.tuples(st.sampled_from([-1.0, 0.0, 1.0, 0.5]), st.sampled_from("abcdef")), min_size=2, max_size=60
    )
)
def test_the_clustered_error_is_that_of_a_regression_on_a_constant(rows: list[tuple[float, str]]) -> None:
    deltas, groups = [delta for delta, _ in rows], [group for _, group in rows]
    count = len(set(groups))
    if count < 2:
        assert math.isinf(statistics.clustered_error(deltas, groups))
        return
    mean = sum(deltas) / len(deltas)
    sums = [sum(d - mean for d, g in rows if g == group) for group in sorted(set(groups))]
    wanted = math.sqrt(count / (count - 1) * sum(s * s for s in sums)) / len(rows)
    assert statistics.clustered_error(deltas, groups) == pytest.approx(wanted, abs=1e-12)


def test_without_clusters_the_error_is_the_textbook_one() -> None:
    deltas = [-1.0, 0.0, 0.0, 1.0, -1.0, 0.0]
    wanted = stats.sem(deltas)
    assert statistics.clustered_error(deltas, list("abcdef")) == pytest.approx(wanted)


def test_a_spread_of_zero_is_no_certainty() -> None:
    low, high = statistics.paired_interval([0.0] * 50, [str(n) for n in range(50)])
    assert -low == high == pytest.approx(1 - 0.025 ** (1 / 50))
    assert statistics.paired_interval([0.0] * 50, ["one"] * 50) == (-1.0, 1.0)


def test_the_interval_is_students_where_there_is_spread_enough() -> None:
    rng = random.Random(3)
    deltas = [rng.choice([-1.0, 0.0, 0.0, 1.0]) for _ in range(300)]
    wanted = stats.t.interval(0.95, 299, loc=sum(deltas) / 300, scale=stats.sem(deltas))
    assert statistics.paired_interval(deltas, [str(n) for n in range(300)]) == pytest.approx(wanted)


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    rng = random.Random(11)
    covered = 0
    for _ in range(400):
        deltas = [rng.choices([-1.0, 0.0, 1.0], [0.15, 0.8, 0.05])[0] for _ in range(80)]
        low, high = statistics.paired_interval(deltas, [str(n) for n in range(80)])
        covered += low <= -0.1 <= high
    assert 0.91 <= covered / 400 <= 0.99


@settings(deadline=None)
@given(st.floats(0.02, 0.4), st.integers(40, 2000))
def test_the_detectable_drop_solves_the_published_sample_size(psi: float, cases: int) -> None:
    losses = max(1, round(psi * cases))
    deltas = [-1.0 if n < (losses + 1) // 2 else 1.0 for n in range(losses)] + [0.0] * (cases - losses)
    delta = statistics.detectable_drop(deltas, [str(n) for n in range(cases)])
    assert delta is not None
    share = max(losses / cases, delta)
    z_a, z_b = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    needed = ((z_a * math.sqrt(share) + z_b * math.sqrt(max(share - delta**2, 0))) / delta) ** 2
    assert needed == pytest.approx(cases, rel=1e-6)


@pytest.mark.parametrize(("psi", "delta", "needed"), [(0.10, 0.05, 246), (0.25, 0.05, 617), (0.15, 0.10, 91)])
def test_the_detectable_drop_matches_the_published_table(psi: float, delta: float, needed: int) -> None:
    moved = round(psi * needed)
    deltas = [-1.0, 1.0] * (moved // 2) + [-1.0] * (moved % 2) + [0.0] * (needed - moved)
    found = statistics.detectable_drop(deltas, [str(n) for n in range(needed)], alpha=0.05)
    assert found == pytest.approx(delta, rel=0.03)


def test_a_handful_of_cases_can_detect_no_drop() -> None:
    assert statistics.detectable_drop([0.0] * 3, list("abc")) is None
    assert statistics.detectable_drop([0.0], ["a"]) is None


def test_cases_that_move_with_their_cluster_detect_less() -> None:
    deltas = [-1.0] * 10 + [1.0] * 10 + [0.0] * 180
    apart = statistics.detectable_drop(deltas, [str(n) for n in range(200)])
    together = statistics.detectable_drop(deltas, [str(n // 10) for n in range(200)])
    assert apart is not None
    assert together is not None
    assert together > 1.5 * apart


SUMS = st.lists(st.sampled_from([n / 3 for n in range(-6, 7)]), min_size=1, max_size=9)


@given(SUMS)
def test_the_exact_sign_flip_test_counts_every_sign(sums: list[float]) -> None:
    every = itertools.product((1, -1), repeat=len(sums))
    totals = [math.fsum(sign * value for sign, value in zip(signs, sums, strict=True)) for signs in every]
    wanted = sum(total <= math.fsum(sums) + 1e-9 for total in totals) / len(totals)
    assert statistics.sign_flip(sums) == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=9))
def test_sums_of_any_size_are_counted_exactly_too(sums: list[float]) -> None:
    wanted = stats.permutation_test(
        (sums,), sum, permutation_type="samples", alternative="less", n_resamples=2**10
    ).pvalue
    assert statistics.sign_flip(sums) == pytest.approx(wanted, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(SUMS, st.randoms(use_true_random=False))
def test_the_order_of_clusters_changes_no_p_value(sums: list[float], rng: random.Random) -> None:
    uneven = [*sums, *(value * (1 + n / 97) for n, value in enumerate(sums * 3, start=1))]
    moved = list(uneven)
    rng.shuffle(moved)
    assert statistics.sign_flip(moved, seed=3) == statistics.sign_flip(uneven, seed=3)


def test_many_uneven_clusters_are_drawn_and_come_near_the_normal_limit() -> None:
    rng = random.Random(4)
    sums = [rng.gauss(-0.2, 1) for _ in range(200)]
    z = math.fsum(sums) / math.sqrt(math.fsum(value * value for value in sums))
    assert statistics.sign_flip(sums, seed=1) == pytest.approx(stats.norm.cdf(z), abs=0.01)
    assert statistics.sign_flip(sums, seed=1) >= 1 / 10_001


def test_common_and_rare_sizes_are_drawn_together() -> None:
    rng = random.Random(14)
    sums = [-1.0] * 90 + [1.0] * 70 + [rng.gauss(0, 1) for _ in range(40)]
    z = math.fsum(sums) / math.sqrt(math.fsum(value * value for value in sums))
    assert statistics.sign_flip(sums, seed=1) == pytest.approx(stats.norm.cdf(z), abs=0.015)


def test_thousands_of_clusters_of_few_sizes_are_counted_not_drawn() -> None:
    sums = [-1 / 3] * 1300 + [1 / 3] * 1250 + [-2 / 3] * 20 + [2 / 3] * 10 + [1.0] * 3
    z = math.fsum(sums) / math.sqrt(math.fsum(value * value for value in sums))
    assert statistics.sign_flip(sums, seed=1) == statistics.sign_flip(sums, seed=2)
    assert statistics.sign_flip(sums) == pytest.approx(stats.norm.cdf(z), abs=0.02)


@pytest.mark.parametrize("sizes", [[1.0], [1 / 3, 2 / 3, 1.0], [0.1 * n for n in range(1, 40)]])
def test_p_values_of_the_sign_flip_test_are_never_too_small_under_the_null(sizes: list[float]) -> None:
    rng = random.Random(8)
    found = [
        statistics.sign_flip([rng.choice((-1, 1)) * rng.choice(sizes) for _ in range(14)], seed=run)
        for run in range(300)
    ]
    for alpha in (0.025, 0.05, 0.2, 0.5):
        rejected = sum(p <= alpha for p in found)
        assert stats.binomtest(rejected, len(found), alpha, alternative="greater").pvalue > 1e-3


@given(st.floats(0.01, 0.99), st.sampled_from([0.005, 0.025, 0.05, 0.2]))
def test_p_values_of_fishers_test_are_never_too_small_under_the_null(p: float, alpha: float) -> None:
    weight = [stats.binom.pmf(k, 8, p) for k in range(9)]
    rejected = math.fsum(
        weight[base] * weight[head]
        for base in range(9)
        for head in range(9)
        if statistics.fisher(base, 8, head, 8) <= alpha
    )
    assert rejected <= alpha + 1e-12


@given(st.integers(0, 8), st.integers(0, 8), st.integers(1, 8), st.integers(1, 8))
def test_fisher_agrees_with_scipy_where_errors_left_the_arms_uneven(b: int, h: int, n: int, m: int) -> None:
    base, head = min(b, n), min(h, m)
    wanted = stats.fisher_exact([[base, n - base], [head, m - head]], alternative="greater").pvalue
    assert statistics.fisher(base, n, head, m) == pytest.approx(wanted, abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 19), st.floats(0, 1))
def test_holm_is_monotone_a_smaller_p_value_makes_no_other_larger(
    p_values: list[float], place: int, factor: float
) -> None:
    index = place % len(p_values)
    better = [p * factor if n == index else p for n, p in enumerate(p_values)]
    for before, after in zip(statistics.holm(p_values), statistics.holm(better), strict=True):
        assert after <= before + 1e-12


@given(st.integers(1, 12), st.integers(0, 12), st.integers(1, 12))
def test_pass_at_k_and_pass_all_k_are_hypergeometric(total: int, passed: int, k: int) -> None:
    passed, k = min(passed, total), min(k, total)
    drawn = stats.hypergeom(total, passed, k)
    assert statistics.pass_at(k, passed, total) == pytest.approx(1 - drawn.pmf(0), abs=1e-12)
    assert statistics.pass_all(k, passed, total) == pytest.approx(drawn.pmf(k), abs=1e-12)


def test_pass_at_k_and_pass_all_k_have_no_bias() -> None:
    p, n, k = 0.7, 5, 3
    chance = [stats.binom.pmf(c, n, p) for c in range(n + 1)]
    some = math.fsum(chance[c] * statistics.pass_at(k, c, n) for c in range(n + 1))
    every = math.fsum(chance[c] * statistics.pass_all(k, c, n) for c in range(n + 1))
    assert (some, every) == pytest.approx((1 - 0.3**3, 0.7**3))


@given(st.lists(st.sampled_from([-1.0, -1 / 3, 0.0, 1.0]), min_size=1, max_size=40), st.integers(1, 12))
def test_no_interval_is_a_point(deltas: list[float], groups: int) -> None:
    low, high = statistics.paired_interval(deltas, [str(n % groups) for n in range(len(deltas))])
    assert -1 <= low < high <= 1
    assert low <= math.fsum(deltas) / len(deltas) <= high


def bootstrapped(head: list[float], base: list[float], resamples: int) -> Any:
    """scipy's interval of the ratio of two medians."""
    return stats.bootstrap(
        (head, base),
        lambda a, b, axis: np.median(a, axis=axis) / np.median(b, axis=axis),
        paired=True,
        n_resamples=resamples,
        method="percentile",
        batch=50,
        rng=1,
    ).confidence_interval


def test_the_ratio_of_medians_has_the_interval_of_scipys_bootstrap() -> None:
    rng = random.Random(2)
    base = [rng.lognormvariate(5, 0.4) for _ in range(120)]
    head = [value * rng.lognormvariate(0.1, 0.2) for value in base]
    wanted = bootstrapped(head, base, 2000)
    ratio, low, high = statistics.ratio_of_medians(base, head, [str(n) for n in range(120)])
    assert ratio == pytest.approx(np.median(head) / np.median(base))
    assert (low, high) == pytest.approx((wanted.low, wanted.high), abs=0.03)


def test_the_interval_of_a_ratio_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = random.Random(9)
    held = 0
    for run in range(100):
        base = [rng.lognormvariate(5, 0.3) for _ in range(40)]
        head = [value * 1.1 * rng.lognormvariate(0, 0.15) for value in base]
        _, low, high = statistics.ratio_of_medians(base, head, [str(n) for n in range(40)], seed=run)
        held += low <= 1.1 <= high
    assert held / 100 >= 0.89


def test_cases_that_move_with_their_group_widen_the_ratio() -> None:
    rng = random.Random(5)
    groups = [str(n // 20) for n in range(200)]
    moods = [rng.lognormvariate(0, 0.4) for _ in range(10)]
    base = [100 + rng.random() for _ in range(200)]
    head = [value * moods[n // 20] for n, value in enumerate(base)]
    _, low, high = statistics.ratio_of_medians(base, head, groups)
    _, near, far = statistics.ratio_of_medians(base, head, [str(n) for n in range(200)])
    assert high - low > 1.5 * (far - near)


def test_the_ratio_does_not_hang_on_the_order_of_cases() -> None:
    rng = random.Random(6)
    rows = [(rng.uniform(1, 9), rng.uniform(1, 9), str(n % 30)) for n in range(90)]
    first = statistics.ratio_of_medians(*(list(column) for column in zip(*rows, strict=True)))  # type: ignore[arg-type]
    rng.shuffle(rows)
    assert first == statistics.ratio_of_medians(*(list(column) for column in zip(*rows, strict=True)))  # type: ignore[arg-type]


def test_above_a_thousand_cases_fewer_are_drawn_and_the_spread_stays_right() -> None:
    rng = random.Random(7)
    base = [rng.lognormvariate(5, 0.4) for _ in range(4000)]
    head = [value * rng.lognormvariate(0, 0.3) for value in base]
    wanted = bootstrapped(head, base, 400)
    _, low, high = statistics.ratio_of_medians(base, head, [str(n) for n in range(4000)])
    assert high - low == pytest.approx(wanted.high - wanted.low, rel=0.35)
