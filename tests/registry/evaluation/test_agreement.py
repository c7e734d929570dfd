from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.agreement import agreement

YES, NO = "yes", "no"
PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=40)


def table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[tuple[str, str]]:
    return [(YES, YES)] * yes_yes + [(YES, NO)] * yes_no + [(NO, YES)] * no_yes + [(NO, NO)] * no_no


@pytest.mark.parametrize(
    ("counts", "share", "kappa"),
    [
        ((20, 5, 10, 15), 0.70, 0.40),  # the grant proposals of the textbooks
        ((45, 15, 25, 15), 0.60, 0.1304),  # equal agreement, unequal habits
        ((25, 35, 5, 35), 0.60, 0.2593),
        ((0, 10, 10, 0), 0.0, -1.0),
        ((9, 0, 0, 3), 1.0, 1.0),
    ],
)
def test_kappa_is_that_of_published_examples(
    counts: tuple[int, int, int, int], share: float, kappa: float
) -> None:
    found = agreement(table(*counts))
    assert found.share == pytest.approx(share)
    assert found.kappa == pytest.approx(kappa, abs=5e-5)


def test_kappa_of_three_labels() -> None:
    # Fleiss, Cohen and Everitt 1969: proportions .53 .05 .02 / .11 .14 .05 / .01 .06 .03
    rows = [("a", "a", 53), ("a", "b", 5), ("a", "c", 2), ("b", "a", 11), ("b", "b", 14), ("b", "c", 5)]
    rows += [("c", "a", 1), ("c", "b", 6), ("c", "c", 3)]
    found = agreement([(left, right) for left, right, count in rows for _ in range(count)])
    assert (found.n, found.kappa) == (100, pytest.approx(0.429, abs=5e-4))


def test_one_word_for_all_has_no_kappa() -> None:
    assert agreement(table(30, 0, 0, 0)).kappa is None
    assert agreement([]) == agreement(())


@given(PAIRS)
def test_kappa_is_the_same_from_both_sides_and_at_most_one(pairs: list[tuple[str, str]]) -> None:
    found, turned = agreement(pairs), agreement([(right, left) for left, right in pairs])
    assert found.share == turned.share
    if found.kappa is None:
        assert turned.kappa is None
    else:
        assert found.kappa == pytest.approx(turned.kappa)
        assert -1 - 1e-9 <= found.kappa <= found.share + 1e-9
