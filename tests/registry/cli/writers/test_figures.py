from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cli.writers import figures


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.00041, "$0.000410"), (0.0, "$0"), (12.345, "$12.35"), (None, "–")],
)
def test_a_sum_of_money_is_written_as_everywhere(value: float | None, told: str) -> None:
    assert figures.money(value, "USD") == told


@given(st.floats(1e-9, 1e6))
def test_a_sum_of_money_is_never_rounded_to_nothing(value: float) -> None:
    assert float(figures.money(value, None)) > 0


def test_times_shares_means_and_changes() -> None:
    assert [figures.seconds(it) for it in (None, 0.25, 0.9996, 2.0)] == ["–", "250 ms", "1.00 s", "2.00 s"]
    assert [figures.percent(it) for it in (None, 0.9324, 1.0)] == ["–", "93.2%", "100.0%"]
    assert [figures.number(it) for it in (None, 1234.56)] == ["–", "1,234.6"]
    assert [figures.change(*it) for it in ((None, 1.0), (0.0, 1.0), (1.0, None), (2.0, 3.0))] == [
        "",
        "",
        "",
        "+50.0%",
    ]
    assert figures.moment("2026-11-21T10:00:59Z") == "2026-11-21 10:00 UTC"
    assert figures.moment("yesterday") == "yesterday"
