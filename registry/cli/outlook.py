"""What a test run is about to ask, seen before it asks: which answers are known, and why the others are not.

It must never change what runs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from registry.evaluation.arms import Arm
from registry.evaluation.cache import ResponseCache
from registry.evaluation.engines.replay import NOTHING, Recording
from registry.evaluation.plan import Item
from registry.evaluation.reasons import Memory, Reason, explain, questions
from registry.evaluation.record import Record
from registry.evaluation.shared_cache import VARIABLE, open_cache
from registry.settings import Settings


def cache_of(root: Path, settings: Settings) -> ResponseCache:
    """The cache of a registry: its folder, and the shared one that the environment or the settings name.

    Raises:
        Usage: CAC003 for a URL that is not one of S3.
        MissingExtra: for a shared cache without boto3.
    """
    shared = os.environ.get(VARIABLE, settings.cache.shared or "").strip()
    return open_cache(root / "responses", shared or None)


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
        self._memory = Memory(place / "asked.json")
        self._cache = cache
        self._record = record
        self._recording = recording
        self._items: Sequence[Item] = ()

    def known(self, key: str) -> bool:
        """True when an answer is there already."""
        if self._record is not None and self._record.answer(key) is not None:
            return True
        held = self._cache.get(key) if self._cache is not None else None
        return held is not None or key in self._recording.answers

    def see(self, items: Sequence[Item]) -> None:
        """Take a plan in."""
        self._items = items
        if self._cache is not None:
            self._cache.fetch(item.prepared.key for item in items if item.call is not None)

    def reasons(self) -> tuple[Reason, ...]:
        """Why each answer of the plan is asked for or not; to be called before the run."""
        return explain(self._items, self._arms, self.known, self._memory, cached=self._cache is not None)

    def keep(self) -> None:
        """Remember how the questions were asked, for the next run."""
        self._memory.keep(questions(self._items, self._arms))
