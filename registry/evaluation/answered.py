"""The samples of one suite by arm and case, of which memory holds a few thousand however many there are.

It must never lose the order of a case's samples, which is that of their index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from registry.evaluation.records import ArmName, Sample
from registry.evaluation.shelf import Shelf

_Place = tuple[ArmName, str]


class Answered(Mapping[_Place, Sequence[Sample]]):
    """A mapping of arm and case to samples."""

    def __init__(self) -> None:
        self._held: Shelf[tuple[Sample, ...]] = Shelf()

    def add(self, sample: Sample) -> None:
        """Take a sample in; of two with one index the last counts."""
        name = _name((sample.arm, sample.case))
        others = self._held.get(name) or ()
        if others:
            others = tuple(other for other in others if other.index != sample.index)
        self._held[name] = (
            tuple(sorted((*others, sample), key=lambda each: each.index)) if others else (sample,)
        )

    def __getitem__(self, place: _Place) -> Sequence[Sample]:
        held = self._held.get(_name(place))
        if held is None:
            raise KeyError(place)
        return held

    def __iter__(self) -> Iterator[_Place]:
        return ((held[0].arm, held[0].case) for held in self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    def samples(self) -> Iterator[Sample]:
        """All samples, case by case."""
        for held in self._held.values():
            yield from held


def _name(place: _Place) -> str:
    return f"{place[0]} {place[1]}"
