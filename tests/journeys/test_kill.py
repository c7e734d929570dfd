"""The kill test in small; ``python -m tools.kill_test`` plays it at length."""

from __future__ import annotations

import pytest

from tools import kill_test
from tools.kill_test import Run, Story, play


def test_every_render_is_answered_from_one_release_and_in_time_through_outages_and_kills():
    found = play(processes=3, rate=300, flips=16, seed=1)
    assert not found.wrong
    assert (found.flips, found.outages, found.kills) == (16, 1, 1)
    assert found.renders > 300
    assert found.seen >= 3 * 3


BEFORE = Story(flips=[(10.0, 10.1, 1), (20.0, 20.1, 2)], outages=[(19.0, 25.0)])


@pytest.mark.parametrize(
    ("release", "last", "late"),
    [
        (2, 20.05, 0.0),  # seen while the publisher was not yet told that it is live
        (1, 25.0 + kill_test.AFTER_OUTAGE_S, 0.0),
        (1, 26.0 + kill_test.AFTER_OUTAGE_S, 1.0),
        (2, 99.0, 0.0),
        (2, 19.0, float("inf")),  # before it was published
        (3, 30.0, float("inf")),
    ],
)
def test_lateness_counts_from_when_the_store_is_back(release, last, late):
    assert BEFORE.late(Run(0, release, last - 1, last, 10)) == pytest.approx(late)


def test_a_change_soon_after_an_outage_may_find_clients_that_still_wait():
    story = Story(flips=[(10.0, 10.1, 1), (26.0, 26.1, 2)], outages=[(19.0, 25.0)])
    assert story.late(Run(0, 1, 26.0, 25.0 + kill_test.AFTER_OUTAGE_S, 10)) == 0.0
    assert story.late(Run(0, 1, 26.0, 25.5 + kill_test.AFTER_OUTAGE_S, 10)) == pytest.approx(0.5)
