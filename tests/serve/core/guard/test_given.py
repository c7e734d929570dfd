from __future__ import annotations

import pytest

from serve.core.guard.given import NOTHING, Given
from serve.core.model import Exemption

ACME = Exemption("2027-03-31", "risk", "RISK-1", {"tenant": "acme", "region": ["eu", "uk"]})
SAMPLE = Exemption("2027-03-31", "risk", "RISK-2", texts=("help@harbour.example",))
OFF = Exemption("2027-03-31", "risk", "RISK-3")


@pytest.mark.parametrize(
    ("segment", "holds"),
    [
        ({"tenant": "acme", "region": "uk"}, True),
        ({"tenant": "acme", "region": "eu", "more": 1}, True),
        ({"tenant": "acme", "region": "us"}, False),
        ({"tenant": "acme"}, False),
        ({"tenant": "other", "region": "eu"}, False),
        ({}, False),
    ],
)
def test_an_exception_holds_where_all_its_attributes_fit(segment, holds) -> None:
    assert Given(segment=segment).exempts(ACME) is holds


def test_one_and_true_are_not_the_same_attribute() -> None:
    paid = Exemption("2027-03-31", "o", "r", {"paid": True})
    assert Given(segment={"paid": True}).exempts(paid)
    assert not Given(segment={"paid": 1}).exempts(paid)


def test_an_exception_holds_to_the_end_of_its_last_day() -> None:
    assert Given(today="2027-03-31").exempts(OFF)
    assert not Given(today="2027-04-01").exempts(OFF)
    assert NOTHING.exempts(OFF), "without a date nothing is over"


def test_an_exception_for_texts_spares_these_and_no_request() -> None:
    assert not NOTHING.exempts(SAMPLE)
    assert NOTHING.spares(SAMPLE, "help@harbour.example")
    assert not NOTHING.spares(SAMPLE, "Help@harbour.example")
    assert not NOTHING.spares(OFF, "")
    assert not Given(today="2027-04-01").spares(SAMPLE, "help@harbour.example")
