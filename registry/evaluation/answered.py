"""What a verdict needs of each sample, by arm and case: a short row instead of the answer itself.

Rows are added as answers come and read case by case when all are there. Memory holds a few thousand, however many
there are. The answers themselves stay in the record.
It must never lose the order of a case's samples, which is that of their index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from operator import attrgetter
from typing import NamedTuple

from registry.evaluation.metrics import sample_scores
from registry.evaluation.records import ArmName, Sample, Status
from registry.evaluation.shelf import Shelf

_Place = tuple[ArmName, str]
_EXCERPT = 500
_RECENT = 1024  # samples of one case come close together, so most rows are whole before they are put away


class Mark(NamedTuple):
    """One sample, of which ``number`` is the index.

    ``said`` is the digest of its text, None where it erred, ``text`` the beginning where one may be shown, ``reason``
    why it did not pass. ``scores`` are those of its metrics, ``advisory`` the names of those that count for nothing.
    """

    number: int
    status: Status
    key: str
    tokens: int
    cached: bool
    cost: float | None
    seconds: float | None
    said: bytes | None
    text: str = ""
    reason: str = ""
    scores: Mapping[str, float] = {}
    advisory: tuple[str, ...] = ()


Marks = tuple[Mark, ...]


class Answered(Mapping[_Place, Marks]):
    """A mapping of arm and case to the rows of their samples, in the order of their index."""

    def __init__(self) -> None:
        self._held: Shelf[tuple[tuple[object, ...], ...]] = Shelf()
        self._recent: dict[str, Marks] = {}
        self._tokens: Counter[ArmName] = Counter()
        self._counted: Counter[ArmName] = Counter()
        self._cached = self._total = 0

    def add(self, sample: Sample) -> None:
        """Take a sample in; of two with one index the last counts."""
        name, mark = _name(sample.arm, sample.case), _mark(sample)
        self._count(sample.arm, mark, 1)
        others = self._of(name)
        if others and others[-1].number >= mark.number:
            others = self._without(sample.arm, others, mark.number)
            self._recent[name] = tuple(sorted((*others, mark), key=attrgetter("number")))
        else:
            self._recent[name] = (*others, mark)
        if len(self._recent) > _RECENT:
            self._put_away()

    def of(self, arm: ArmName, case: str) -> Marks:
        """The rows of one case in one arm; empty where there are none."""
        return self._of(_name(arm, case))

    def mean_tokens(self, arm: ArmName) -> float | None:
        """Mean tokens of an answer in one arm, prompt and completion; None when nothing was counted."""
        return self._tokens[arm] / self._counted[arm] if self._tokens[arm] else None

    @property
    def cached(self) -> float:
        """The share of answers that came from the cache."""
        return self._cached / self._total if self._total else 0.0

    def __getitem__(self, place: _Place) -> Marks:
        held = self.of(*place)
        if not held:
            raise KeyError(place)
        return held

    def __iter__(self) -> Iterator[_Place]:
        self._put_away()
        for name in self._held:
            arm, _, case = name.partition(" ")
            yield "base" if arm == "base" else "head", case

    def __len__(self) -> int:
        self._put_away()
        return len(self._held)

    def _of(self, name: str) -> Marks:
        recent = self._recent.get(name)
        if recent is not None:
            return recent
        held = self._held.get(name)
        return () if held is None else tuple(Mark(*row) for row in held)  # type: ignore[arg-type]

    def _without(self, arm: ArmName, marks: Marks, number: int) -> Marks:
        for mark in marks:
            if mark.number == number:
                self._count(arm, mark, -1)
        return tuple(mark for mark in marks if mark.number != number)

    def _put_away(self) -> None:
        for name, marks in self._recent.items():
            self._held[name] = tuple(map(tuple, marks))  # plain tuples are written three times as fast
        self._recent = {}

    def _count(self, arm: ArmName, mark: Mark, by: int) -> None:
        self._total += by
        self._cached += by * mark.cached
        if mark.status != "error":
            self._tokens[arm] += by * mark.tokens
            self._counted[arm] += by


def answers(suite: str, samples: Iterable[Sample]) -> Answered:
    """The rows of the samples of one suite; of doubles the last counts."""
    found = Answered()
    for sample in samples:
        if sample.suite == suite:
            found.add(sample)
    return found


def _mark(sample: Sample) -> Mark:
    completion, passed = sample.completion, sample.status == "pass"
    shown = not passed or sample.arm == "base"  # a case that fails in head is shown with what base said
    error = completion.error is not None
    return Mark(
        sample.index,
        sample.status,
        sample.key,
        completion.prompt_tokens + completion.completion_tokens,
        completion.cached,
        completion.cost,
        completion.seconds,
        None if error else sha256(completion.text.encode("utf-8", "surrogatepass")).digest(),
        completion.text[:_EXCERPT] if shown else "",
        "" if passed else _reason(sample),
        *sample_scores(sample),
    )


def _reason(sample: Sample) -> str:
    if sample.completion.error is not None:
        return sample.completion.error
    bad = [
        f"{check.type} {check.reason}".strip() for check in sample.checks if check.status in ("fail", "error")
    ]
    return "; ".join(dict.fromkeys(bad))


def _name(arm: ArmName, case: str) -> str:
    return f"{arm} {case}"
