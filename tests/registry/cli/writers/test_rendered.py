from __future__ import annotations

import pytest

from registry.cli.writers.rendered import money


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (0.000125, "0.000125"),
        (0.02, "0.02"),
        (3.0, "3"),
        (12.5, "12.5"),
        (0.0000001, "<0.000001"),
        (100, "100"),
    ],
)
def test_an_amount_has_the_digits_that_it_needs(amount, text):
    assert money(amount) == text
