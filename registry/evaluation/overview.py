"""What reports say of all cases of a suite, from one walk: how many there are of each kind, and which to look at.

Of a case to look at its place is held, a number; the case is read when somebody looks.
It must never judge, nor leave a case out.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from registry.evaluation.shelf import by_key, once
from registry.evaluation.verdict import CaseResult, Standing, Tally, Verdict

Mark = Literal["lost", "gained", "fails", "broken", "error"]
_ORDER: tuple[Mark, ...] = ("error", "lost", "fails", "broken", "gained")
_NAMED = 8


@dataclass(slots=True)
class Overview:
    """Numbers of one suite's cases.

    Attributes:
        seconds: that head's answers took together.
        groups: of head's cases; ``required`` of these are, in ``failing`` a sample failed.
        answers: in both arms, ``errors`` of them erred.
        heads: the tallies of head, with how many cases have each.
        standings: how many cases there are of each, ``first`` the first eight of them by name.
        marked: the places of the cases to look at, by why and whether they are required.
    """

    groups: int = 0
    seconds: float = 0.0
    required: int = 0
    failing: int = 0
    answers: int = 0
    errors: int = 0
    heads: Counter[Tally] = field(default_factory=Counter)
    standings: Counter[Standing] = field(default_factory=Counter)
    first: dict[Standing, list[str]] = field(default_factory=dict)
    marked: dict[tuple[Mark, bool], array[int]] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """Cases of head."""
        return self.standings.total() - self.standings["removed"]

    def telling(self) -> list[tuple[Mark, array[int]]]:
        """The places of the cases to look at, the most telling first."""
        order = [(mark, required) for mark in _ORDER for required in (True, False)]
        return [(key[0], self.marked[key]) for key in order if key in self.marked]

    def see(self, place: int, result: CaseResult) -> None:
        """Take a case in."""
        self.standings[result.standing] += 1
        first = self.first.setdefault(result.standing, [])
        if len(first) < _NAMED:
            first.append(result.id)
        if result.standing != "removed":
            self.required += result.required
        if result.head is not None:
            self.heads[result.head] += 1
            self.seconds += result.seconds or 0.0
            self.failing += result.head.failed > 0
        for tally in (result.base, result.head):
            if tally is not None:
                self.answers += tally.judged + tally.errors
                self.errors += tally.errors
        mark = _mark(result)
        if mark is not None:
            self.marked.setdefault((mark, result.required), array("q")).append(place)


def overview(verdict: Verdict) -> Overview:
    """The overview of a verdict's cases."""
    return once(verdict.cases, _overview)


def _overview(results: Sequence[CaseResult]) -> Overview:
    found, named, own = Overview(), set[str](), 0
    for place, result in enumerate(results):
        found.see(place, result)
        if result.standing != "removed":
            if result.group == result.id:
                own += 1
            else:
                named.add(result.group)
    find = by_key(results, lambda result: result.id)
    namesakes = (find(name) for name in named)  # a group may be named after a case of its own
    both = sum(it is not None and it.group == it.id and it.standing != "removed" for it in namesakes)
    found.groups = own + len(named) - both
    return found


def _mark(result: CaseResult) -> Mark | None:
    if (result.head is not None and result.head.errors) or (result.base is not None and result.base.errors):
        return "error"
    if result.head is None:
        return None
    delta = result.delta
    if delta is not None and delta != 0:
        return "lost" if delta < 0 else "gained"
    if result.head.holds or not result.head.judged:
        return None
    return "fails" if result.base is None else "broken"
