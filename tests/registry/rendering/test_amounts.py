from __future__ import annotations

import pytest

from registry.rendering.amounts import money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0, "USD", "$0"),
        (0.000125, "USD", "$0.000125"),
        (0.00064, "USD", "$0.000640"),
        (0.02, "EUR", "0.0200 EUR"),
        (3.0, "USD", "$3.00"),
        (12.3456, "USD", "$12.35"),
        (0.0000001, "USD", "$0.000000100"),
        (0.5, None, "0.500"),
    ],
)
def test_an_amount_has_three_digits_that_count_and_its_currency(amount, currency, text):
    assert money(amount, currency) == text
