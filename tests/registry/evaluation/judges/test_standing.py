from __future__ import annotations

import random

import pytest

from registry.evaluation.judges.standing import JudgeStanding, stand

DIGEST = "1c2d3e4f" + "0" * 56


def standing(pairs: list[tuple[bool, bool]], **given: object) -> JudgeStanding:
    return stand("models/judge", DIGEST, 1, pairs, **given)  # type: ignore[arg-type]


def simulated(
    n: int, error: float, seed: int, votes: int = 1, passes: float = 0.5
) -> list[tuple[bool, bool]]:
    """People who are right, and a judge that errs so often in each vote, on answers of which some pass."""
    dice = random.Random(seed)
    pairs = []
    for _ in range(n):
        truth = dice.random() < passes
        right = sum(dice.random() >= error for _ in range(votes))
        pairs.append((truth, truth if right > votes / 2 else not truth))
    return pairs


def test_a_judge_counts_from_thirty_labels_on() -> None:
    good = [(n % 2 == 0, n % 2 == 0) for n in range(30)]
    assert standing(good[:29]).why == "judge not calibrated; 29 of 30 labels"
    counted = standing(good)
    assert (counted.name, counted.labels, counted.kappa, counted.why) == (
        "models/judge@1c2d3e4f",
        30,
        1.0,
        "",
    )


def test_agreement_by_habit_is_no_agreement() -> None:
    always = [(n % 10 != 0, True) for n in range(100)]  # 90 % agreement, by saying yes to all
    found = standing(always)
    assert (found.share, found.kappa) == (0.9, 0.0)
    assert found.why == "judge agrees too little with people; kappa 0.00 is below 0.6"
    one_kind = standing([(True, True)] * 40)
    assert (one_kind.kappa, one_kind.share) == (None, 1.0)
    assert "the same label" in one_kind.why


def test_labels_without_a_verdict_do_not_count_and_are_told() -> None:
    good = [(n % 2 == 0, n % 2 == 0) for n in range(20)]
    assert standing(good, unanswered=15).why.endswith("20 of 30 labels; it gave no verdict on 15 more")


def test_another_judge_than_the_pinned_one_is_advisory() -> None:
    good = [(n % 2 == 0, n % 2 == 0) for n in range(40)]
    assert standing(good, pinned="1c2d3e4f").why == ""
    assert "pinned (9f8e7d6c, now 1c2d3e4f)" in standing(good, pinned="9f8e7d6c").why


@pytest.mark.parametrize(("error", "kappa"), [(0.05, 0.9), (0.1, 0.8), (0.2, 0.6), (0.5, 0.0)])
def test_the_kappa_of_a_judge_that_errs_so_often_is_what_theory_says(error: float, kappa: float) -> None:
    found = standing(simulated(20_000, error, seed=7))
    assert found.kappa == pytest.approx(kappa, abs=0.03)  # 1 - 2 * error where half of the answers pass
    assert found.share == pytest.approx(1 - error, abs=0.015)


def test_votes_make_a_judge_better_as_the_binomial_says() -> None:
    error, three, five = 0.2, 3 * 0.2**2 * 0.8 + 0.2**3, 0.05792
    for votes, wrong in ((1, error), (3, three), (5, five)):
        found = standing(simulated(20_000, error, seed=3, votes=votes))
        assert found.share == pytest.approx(1 - wrong, abs=0.015)


def test_a_judge_that_tosses_a_coin_is_hardly_ever_believed_on_forty_labels() -> None:
    believed = sum(standing(simulated(40, 0.5, seed)).why == "" for seed in range(400))
    assert believed == 0
    good = sum(standing(simulated(40, 0.05, seed)).why == "" for seed in range(400))
    assert good > 390
