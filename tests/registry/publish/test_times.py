from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from registry.publish.times import iso, moment

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_time_is_told_in_utc_to_the_second_and_read_back() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9))) + timedelta(microseconds=5)
    assert iso(there) == "2026-11-21T12:00:00Z"
    assert moment(iso(there)) == NOON


def test_a_text_without_a_zone_is_in_utc_and_another_text_is_none() -> None:
    assert moment("2026-11-21T12:00:00") == moment("2026-11-21T21:00:00+09:00") == NOON
    for text in ("", "yesterday"):
        with pytest.raises(ValueError, match="Invalid isoformat"):
            moment(text)
