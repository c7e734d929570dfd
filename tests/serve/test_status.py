"""The three states, and what each is for."""

from __future__ import annotations

import pytest

from serve.core.errors import SignatureRefused, Unavailable
from serve.status import Record, assess


@pytest.mark.parametrize(
    ("live", "age", "left", "state"),
    [
        (False, 1, 100, "empty"),
        (True, 1, 100, "fresh"),
        (True, None, 100, "stale"),
        (True, 301, 100, "stale"),
        (True, 1, 0, "stale"),
        (True, 1, None, "fresh"),
    ],
)
def test_a_state_follows_from_age_and_expiry(live, age, left, state):
    found, why = assess(live=live, seconds_since_poll=age, seconds_to_expiry=left, stale_after_s=300)
    assert found == state
    assert why


def test_a_refusal_ends_a_row_of_failures_because_the_store_did_answer():
    record = Record("production", 300)
    record.failed(Unavailable("SRC001", "away", "Wait."))
    record.failed(RuntimeError("secret words"))
    assert record.failures == 2
    record.refused(SignatureRefused("SIG002", "older", "Look."), now=5)
    status = record.status(None, 10, polls=True)
    assert (record.failures, status.poll_failures, status.refusals) == (0, 2, 1)
    assert "secret" not in str(status)


def test_a_clock_that_went_back_gives_no_negative_age():
    record = Record("production", 300)
    record.confirmed(100)
    assert record.status(None, 90, polls=True).seconds_since_poll == 0
