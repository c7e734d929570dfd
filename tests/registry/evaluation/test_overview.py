from __future__ import annotations

import pytest
from support.samples import ARMS, many, marks

from registry.evaluation import gate
from registry.evaluation.overview import overview
from registry.evaluation.records import Policy
from registry.evaluation.report import rows
from registry.evaluation.shelf import Shelf


def test_cases_are_counted_by_kind() -> None:
    of = many(4, groups=3, policy=Policy(error_budget=1))
    seen = overview(gate.decide(of, of, marks(of, base="010e", head="1001"), comparability=ARMS))
    assert (seen.cases, seen.groups, seen.required, seen.failing) == (4, 3, 0, 2)
    assert (seen.answers, seen.errors, seen.standings["paired"]) == (8, 1, 4)
    assert seen.first["paired"] == [f"case-00{n}" for n in range(4)]


@pytest.mark.parametrize("room", [2048, 1])
def test_rows_are_a_sequence_like_any_other(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shelf.__init__, "__defaults__", (room,))
    of = many(8, policy=Policy(error_budget=8))
    found = rows(gate.decide(of, of, marks(of, base="11110000", head="0011e110"), comparability=ARMS))
    told = [(row.mark, row.case) for row in found]
    assert told == [
        ("error", "case-004"), ("lost", "case-000"), ("lost", "case-001"),
        ("broken", "case-007"), ("gained", "case-005"), ("gained", "case-006"),
    ]  # fmt: skip
    assert [(found[n].mark, found[n].case) for n in range(-6, 6)] == told * 2
    for start in range(-7, 8):
        for stop in (*range(-7, 8), None):
            assert [row.case for row in found[start:stop]] == [name for _, name in told[start:stop]]
            assert len(found[start:stop]) == len(told[start:stop])
    assert [row.case for row in found[::2]] == [name for _, name in told[::2]]
    with pytest.raises(IndexError):
        found[6]
