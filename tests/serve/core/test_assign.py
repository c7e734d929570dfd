"""Which instances a rollout draws."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serve.core.assign import BUCKETS, drawn

NAMES = [f"web-{n}" for n in range(10_000)]


def test_about_as_many_are_drawn_as_were_asked_for():
    for percent in (1, 10, 50, 99):
        found = sum(drawn(name, "salt", percent) for name in NAMES) / len(NAMES) * 100
        assert abs(found - percent) < 1.5, percent


@given(st.text(), st.text(), st.integers(0, 100), st.integers(0, 100))
def test_a_higher_percent_only_adds(instance, salt, one, other):
    low, high = sorted((one, other))
    assert drawn(instance, salt, high) or not drawn(instance, salt, low)


def test_nobody_and_everybody_are_what_they_say():
    assert not any(drawn(name, "salt", 0) for name in NAMES)
    assert all(drawn(name, "salt", 100) for name in NAMES)


def test_another_rollout_draws_others_first():
    first = {name for name in NAMES if drawn(name, "one", 10)}
    second = {name for name in NAMES if drawn(name, "two", 10)}
    assert len(first & second) < 200


def test_the_draw_is_the_same_everywhere_and_for_ever():
    assert [name for name in NAMES[:40] if drawn(name, "f" * 16, 10)] == ["web-12"]


def test_the_smallest_and_the_largest_part_are_one_bucket_from_none_and_all():
    step = 100 / BUCKETS
    names = [f"web-{n}" for n in range(3 * BUCKETS)]
    least = {name for name in names if drawn(name, "salt", step)}
    rest = {name for name in names if not drawn(name, "salt", 100 - step)}
    assert 0 < len(least) < 12
    assert 0 < len(rest) < 12
    assert not least & rest
    assert not any(drawn(name, "salt", 0) for name in least)
