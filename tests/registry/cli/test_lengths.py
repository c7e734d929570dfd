from __future__ import annotations

from datetime import timedelta

import click
import pytest

from registry.cli.lengths import Length, Steps


@pytest.mark.parametrize(
    ("said", "meant"),
    [("30s", {"seconds": 30}), ("10m", {"minutes": 10}), ("24h", {"hours": 24}), ("2d", {"days": 2})],
)
def test_a_length_of_time_has_a_unit(said, meant):
    assert Length().convert(said, None, None) == timedelta(**meant)


@pytest.mark.parametrize("said", ["10", "m", "-1m", "1.5h", "10 m", "١m", "9999999s", ""])
def test_anything_else_is_refused_with_an_example(said):
    with pytest.raises(click.BadParameter, match="30s, 10m, 24h or 2d"):
        Length().convert(said, None, None)


def test_percents_rise():
    assert Steps().convert("1,10, 50,100", None, None) == (1, 10, 50, 100)
    assert Steps().convert("50", None, None) == (50,)


@pytest.mark.parametrize("said", ["", "10,5", "10,10", "0,10", "10,101", "a", "1,,2", "-1", "1.5"])
def test_other_lists_are_refused(said):
    with pytest.raises(click.BadParameter, match="1,10,50,100"):
        Steps().convert(said, None, None)


def test_one_that_is_too_long_is_refused():
    year = timedelta(days=365)
    assert Length(most=year).convert("365d", None, None) == year
    with pytest.raises(click.BadParameter, match="366d is longer than 365 days"):
        Length(most=year).convert("366d", None, None)
