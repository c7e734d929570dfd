from __future__ import annotations

import pytest

from registry.publish.renewal import FIELD, Renewal, from_field, to_field


def test_what_is_written_is_what_is_read() -> None:
    renewal = Renewal("ada", "2026-11-21T04:17:00Z", "c" * 40, 7, 3, 4, "daily")
    assert from_field(to_field(renewal)) == renewal


@pytest.mark.parametrize(
    "told", [None, [], "x", {}, {"release": "1", "from": 1, "to": 2}, {"release": 1, "from": None, "to": 2}]
)
def test_what_another_version_wrote_there_is_passed_over(told: object) -> None:
    assert from_field({FIELD: told}) is None
    assert from_field({}) is None
