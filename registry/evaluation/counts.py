"""What a verdict needs of all its cases, counted in one walk.

Cases themselves go to a shelf, from where records and reports read them; whatever the gate concludes comes from here.
It must never grow with the number of cases by more than a few numbers each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from registry.evaluation.answered import Answered
from registry.evaluation.flips import Fallen
from registry.evaluation.metrics import Scored
from registry.evaluation.paired import Differences
from registry.evaluation.records import ArmName, Suite
from registry.evaluation.shelf import Shelf, by_key
from registry.evaluation.spending import Takings
from registry.evaluation.tally import Named, results
from registry.evaluation.verdict import CaseResult, Tally


@dataclass
class Counts:
    """What was counted of the cases of one suite.

    Attributes:
        scored: what cases scored for its metrics.
        samples: how many of them each case should have in an arm.
        paired: True where base has a case with the same content.
        heads: the tallies of head; ``paired_heads`` and ``paired_bases`` those of cases that are compared.
        missing: cases without all their samples, by arm.
        erred: cases that erred in head, then those that erred in base alone; ``required_erred`` of these those that
            are required.
        failed: cases that failed in head; ``required_failed`` required ones that base passes or has not,
            ``already_broken`` those that base does not pass either.
    """

    scored: Scored
    samples: int
    paired: bool = False
    heads: Counter[Tally] = field(default_factory=Counter)
    paired_heads: Counter[Tally] = field(default_factory=Counter)
    paired_bases: Counter[Tally] = field(default_factory=Counter)
    missing: dict[ArmName, Named] = field(default_factory=lambda: {"head": Named(), "base": Named()})
    erred: tuple[Named, Named] = field(default_factory=lambda: (Named(), Named()))
    required_erred: tuple[Named, Named] = field(default_factory=lambda: (Named(), Named()))
    failed: Named = field(default_factory=Named)
    required_failed: list[str] = field(default_factory=list)
    already_broken: list[str] = field(default_factory=list)
    differences: Differences = field(default_factory=Differences)
    fallen: Fallen = field(default_factory=Fallen)
    taken: Takings = field(default_factory=Takings)

    def see(self, result: CaseResult) -> None:
        """Take a case in."""
        head, base = result.head, result.base
        self.paired = self.paired or result.standing == "paired"
        self.scored.see(result)
        if head is not None:
            self._see_head(result, head)
        if base is not None and base.judged + base.errors < self.samples:
            self.missing["base"].add(result.id)
        if base is not None and base.errors and (head is None or not head.errors):
            self._see_error(1, result)
        delta = result.delta
        if delta is not None and head is not None and base is not None:
            self.paired_heads[head] += 1
            self.paired_bases[base] += 1
            self.differences.see(result, delta)
            self.fallen.see(result.id, delta)
            self.taken.see(result)

    def _see_head(self, result: CaseResult, head: Tally) -> None:
        self.heads[head] += 1
        if head.judged + head.errors < self.samples:
            self.missing["head"].add(result.id)
        if head.errors:
            self._see_error(0, result)
        if head.failed:
            self.failed.add(result.id)
        if result.required and not head.holds:
            broken = result.base is not None and not result.base.holds
            (self.already_broken if broken else self.required_failed).append(result.id)

    def _see_error(self, place: int, result: CaseResult) -> None:
        self.erred[place].add(result.id, result.reason)
        if result.required:
            self.required_erred[place].add(result.id, result.reason)


@dataclass(frozen=True)
class Counted:
    """The cases of a suite, and what was counted of them; ``find`` gives a case by its id."""

    cases: Sequence[CaseResult]
    counts: Counts
    find: Callable[[str], CaseResult | None]


def counted(suite: Suite, base: Suite | None, answered: Answered) -> Counted:
    """The results of a suite, as :func:`registry.evaluation.tally.results` gives them, walked once."""
    return count(suite, results(suite, base, answered))


def count(suite: Suite, found: Iterable[CaseResult]) -> Counted:
    """Some results, walked once."""
    counts, shelf = Counts(Scored(suite), suite.samples), Shelf[CaseResult]()
    for result in found:
        counts.see(result)
        shelf[result.id] = result
    cases: Sequence[CaseResult] = shelf.sequence()
    find = by_key(cases, lambda result: result.id)
    return Counted(cases, counts, find)
