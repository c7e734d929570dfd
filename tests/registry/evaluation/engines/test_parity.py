from __future__ import annotations

import math

import numpy as np
import pytest

from registry.evaluation.engines.parity import BOUND, compare

ORIGINAL = [np.array([[10.0, 2.0, -1.0], [0.0, 5.0, 4.9]]), np.array([[1.0, 0.0, 0.5]])]


def test_equal_numbers_are_parity() -> None:
    found = compare(ORIGINAL, [array.copy() for array in ORIGINAL])
    assert (found.difference, found.agreement, found.positions) == (0.0, 1.0, 3)
    assert found.holds


@pytest.mark.parametrize(("by", "holds"), [(10 * BOUND / 2, True), (10 * BOUND * 2, False)])
def test_the_bound_is_a_share_of_the_largest_number(by: float, holds: bool) -> None:
    moved = [array.copy() for array in ORIGINAL]
    moved[1][0, 1] += by
    assert compare(ORIGINAL, moved).holds is holds


def test_other_tokens_on_top_are_counted() -> None:
    moved = [array.copy() for array in ORIGINAL]
    moved[0][1] = [0.0, 4.9, 5.0]
    found = compare(ORIGINAL, moved)
    assert found.agreement == pytest.approx(2 / 3)
    assert not found.holds


def test_what_is_no_number_never_holds() -> None:
    broken = [array.copy() for array in ORIGINAL]
    broken[0][0, 0] = math.nan
    assert not compare(ORIGINAL, broken).holds


def test_other_shapes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="other shapes"):
        compare(ORIGINAL, ORIGINAL[:1])
    with pytest.raises(ValueError, match="other shapes"):
        compare([], [])
