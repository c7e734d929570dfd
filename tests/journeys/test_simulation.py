"""The gate's promises in small, through the gate itself; `python -m tools.simulate` keeps them in full.

Seeds are fixed, so a test here falls only when the gate changes; bounds are those that chance allows.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.simulate import Cell, cells, play, table

SMALL = Cell(cases=60, samples=3)


@pytest.mark.parametrize(
    "cell",
    [
        SMALL,
        replace(SMALL, shape="wobbly"),
        replace(SMALL, group=6, tied=0.5),
        replace(SMALL, errors=0.02),
        replace(SMALL, floor=0.92),
        replace(SMALL, samples=1, repeats=True),
        replace(SMALL, cases=15, suites=4),
    ],
    ids=["solid", "wobbly", "groups", "errors", "floor", "greedy", "suites"],
)
def test_a_change_that_does_nothing_is_blamed_no_more_than_promised(cell: Cell) -> None:
    outcome = play(replace(cell, at_most=0.05), 40, seed=11)
    assert outcome.kept
    assert outcome.without == 0


def test_broken_cases_are_found() -> None:
    outcome = play(replace(SMALL, cases=200, change="broken", at_least=0.95), 25, seed=12)
    assert outcome.kept
    assert outcome.blamed >= 23
    assert outcome.asked < 4  # samples per case and arm: three, and eight more for the few that fell


def test_a_drop_of_five_points_everywhere_is_found() -> None:
    outcome = play(replace(SMALL, cases=200, change="drop", at_least=0.9), 25, seed=13)
    assert outcome.kept
    assert outcome.blamed >= 19


def test_a_missed_promise_is_told() -> None:
    blind = play(replace(SMALL, cases=6, change="drop", at_least=0.9), 20, seed=14)
    assert not blind.kept
    assert "MISSED" in table([blind])


def test_the_full_table_holds_every_promise_of_the_design() -> None:
    rows = list(cells())
    full = [
        row for row in rows if (row.shape, row.cases, row.samples) == ("solid", 200, 3) and row.group == 1
    ]
    assert next(row.at_least for row in full if row.change == "broken") == 0.95
    assert next(row.at_least for row in full if row.change == "drop") == 0.90
    assert all(row.at_most == 0.05 for row in rows if row.change == "none")
