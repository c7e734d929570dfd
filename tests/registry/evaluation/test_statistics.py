from __future__ import annotations

import math
import random

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
