from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.engines.retries import LONGEST_S, asked_wait, back_off, passes

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass(status: int) -> None:
    assert passes(status, {})
    assert not passes(status, {"x-should-retry": "false"})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_stays(status: int) -> None:
    assert not passes(status, {})
    assert passes(status, {"x-should-retry": "true"})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_a_wait_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, NOW) == seconds


def test_a_wait_until_a_date() -> None:
    assert asked_wait({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, NOW) == 90
    assert asked_wait({"retry-after": format_datetime(NOW - timedelta(days=1), usegmt=True)}, NOW) == 0
    assert asked_wait({"retry-after": "Sat, 21 Nov 2026 12:01:00 -0000"}, NOW) == 60


@given(st.text(max_size=40))
def test_no_header_breaks_it(text: str) -> None:
    found = asked_wait({"retry-after": text, "retry-after-ms": text}, NOW)
    assert found is None or found >= 0


@given(st.integers(1, 60), st.floats(0, 1), st.one_of(st.none(), st.floats(0, 1e9)))
def test_waits_are_bounded_and_never_shorter_than_asked(
    attempt: int, chance: float, asked: float | None
) -> None:
    seconds = back_off(attempt, asked, chance)
    if asked is not None and asked > LONGEST_S:
        assert seconds is None
    else:
        assert seconds is not None
        assert (asked or 0) <= seconds <= LONGEST_S + 1
        assert seconds >= 0.25 or asked is not None


def test_waits_grow() -> None:
    waits = [back_off(attempt, None, 1.0) for attempt in range(1, 9)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]
