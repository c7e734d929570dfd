"""What a test run is about to ask, seen before it asks: which answers are known, and why the others are not.

It must never change what runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from registry.evaluation.arms import Arm
from registry.evaluation.cache import ResponseCache
from registry.evaluation.engines.replay import NOTHING, Recording
from registry.evaluation.judges.foresight import Foresight
from registry.evaluation.plan import Item
from registry.evaluation.reasons import Explainer, Memory, Reason, questions
from registry.evaluation.record import Record
from registry.evaluation.records import Completion


class Outlook:
    """What is known when a run is planned.

    Args:
        arms: head, or base and head.
        place: the cache's folder; the questions of the last run are remembered there.
        cache: of answers, None when everything is asked anew.
        record: of a run that goes on.
        recording: answers that stand in for the models.
    """

    def __init__(
        self,
        arms: Sequence[Arm],
        place: Path,
        cache: ResponseCache | None,
        record: Record | None = None,
        recording: Recording = NOTHING,
    ) -> None:
        self._arms = arms
        self._memory = Memory(place / "asked.sqlite")
        self._cache = cache
        self._record = record
        self._recording = recording
        self._foresight = Foresight(self.answer)
        self._explainer = Explainer(arms, self.known, self._memory, cached=cache is not None)

    def known(self, key: str) -> bool:
        """True when an answer is there already."""
        return self.answer(key) is not None

    def answer(self, key: str) -> Completion | None:
        """The answer that is there already; None where there is none."""
        held = self._record.answer(key) if self._record is not None else None
        if held is None and self._cache is not None:
            held = self._cache.get(key)
        return self._recording.answers.get(key) if held is None else held

    def see(self, items: Sequence[Item]) -> None:
        """Take a chunk of the plan in."""
        if self._cache is not None:
            self._cache.fetch(item.prepared.key for item in items if item.call is not None)
        self._memory.note(questions(items, self._arms))

    def reasons(self, items: Sequence[Item]) -> tuple[Reason, ...]:
        """Why each answer of a chunk is asked for or not; to be called after it was seen and before it is run."""
        return self._explainer.reasons(items)

    def judged(self, item: Item) -> Iterator[tuple[Item, Reason]]:
        """What judges will be asked about the answer to an item, each request with its reason."""
        for foreseen in self._foresight.of(item):
            yield foreseen.item, self._explainer.of_judge(foreseen)

    def keep(self) -> None:
        """Remember how the questions were asked, for the next run."""
        self._memory.keep()
