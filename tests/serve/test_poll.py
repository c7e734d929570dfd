"""When a client asks: each rule by itself, over all chances."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core.errors import BundleRefused
from serve.poll import Quarantine, Quarantined, Rhythm

chances = st.floats(0, 1, exclude_max=True)


@given(chances, st.floats(0, 1e6))
def test_the_interval_is_clamped_and_drawn_within_a_fifth(chance, interval_s):
    rhythm = Rhythm(interval_s)
    assert 5 <= rhythm.interval_s <= 3600
    assert 0.8 * rhythm.interval_s <= rhythm.next_s(chance) <= 1.2 * rhythm.interval_s


@given(chances, st.integers(1, 10_000))
def test_the_back_off_is_never_hot_and_never_above_its_cap(chance, failures):
    assert 5 <= Rhythm(30).backoff_s(failures, chance) <= 300


def test_the_back_off_window_doubles():
    assert [round(Rhythm(30).backoff_s(n, 1.0)) for n in (1, 2, 3, 4, 5, 6, 7)] == [
        10,
        20,
        40,
        80,
        160,
        300,
        300,
    ]


@given(chances, st.integers(1, 10_000))
def test_a_short_interval_backs_off_shortly(chance, failures):
    assert 0.05 <= Rhythm(0.2, 0.05).backoff_s(failures, chance) <= 2


def test_the_first_poll_is_at_once_without_a_cache_and_spread_with_one():
    assert Rhythm(30).first_s(0.99, cached=False) == 0
    assert Rhythm(30).first_s(0.5, cached=True) == 5
    assert Rhythm(0.2, 0.05).first_s(0.5, cached=True) == 0.1


def test_a_refused_bundle_waits_twice_as_long_each_time_up_to_an_hour():
    rhythm = Rhythm(30)
    assert [rhythm.quarantine_s(n) for n in (1, 2, 3, 20)] == [60, 120, 240, 3600]
    quarantine, error = Quarantine(rhythm), BundleRefused("BND001", "what", "next")
    quarantine.check("a", 0)
    quarantine.add("a", error, now=0)
    with pytest.raises(Quarantined, match="BND001"):
        quarantine.check("a", 59)
    quarantine.check("a", 60)
    quarantine.check("b", 0)
    quarantine.add("a", error, now=60)
    with pytest.raises(Quarantined):
        quarantine.check("a", 60 + 119)
