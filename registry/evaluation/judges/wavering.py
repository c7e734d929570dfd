"""How often a judge that reads the very same answer twice says something else: its own noise, without the prompt's.

It must never count two answers that differ: there the judge may well be right both times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from registry.evaluation.expectations.judged import JUDGED
from registry.evaluation.records import Check, Sample
from registry.evaluation.shelf import Shelf
from registry.evaluation.verdict import Verdict

_SAID = ("pass", "fail")


def wavering(verdict: Verdict, samples: Iterable[Sample]) -> Verdict:
    """The verdict on a prompt against itself, with how often its judges wavered; ``samples`` are of both rounds."""
    if verdict.noise is None:
        return verdict
    first: Shelf[Sample] = Shelf()
    read = changed = 0
    for sample in samples:
        place = f"{sample.index} {sample.case}"
        twin = first.get(place)
        if twin is None:
            first[place] = sample
        elif twin.completion.text == sample.completion.text:
            for one, other in zip(_judged(twin.checks), _judged(sample.checks), strict=False):
                if one.status in _SAID and other.status in _SAID:
                    read += 1
                    changed += one.status != other.status
    return replace(verdict, noise=replace(verdict.noise, read_twice=read, wavered=changed))


def _judged(checks: Sequence[Check]) -> Iterator[Check]:
    for check in chain.from_iterable((check, *check.parts) for check in checks):
        if check.type.removeprefix("not-") in JUDGED:
            yield check
