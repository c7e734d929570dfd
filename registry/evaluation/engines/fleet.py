"""The workers of one model, one for each device: batches go to who is free, and nothing that fails is lost.

A batch that runs out of memory, or kills its worker, comes back in halves until a single prompt stands alone, so
only the prompt that is at fault stays unanswered; the batches after it are made no larger than what went well.
It must never start a worker by forking, nor restart one for ever.
"""

from __future__ import annotations

import json
import queue
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.evaluation.engines.batching import Batch
from registry.evaluation.engines.device import Choice
from registry.evaluation.engines.process import Inbox, Worker, WorkerDied, WorkerProcess
from serve.core.model import ModelKind

_IN_FLIGHT = 2  # one is computed while the next lies ready
_LOST_IN_A_ROW = 12

Answer = Mapping[str, Any]
Hire = Callable[[Mapping[str, Any], Mapping[str, str], Inbox], Worker]


class Unanswered(Exception):
    """A batch that stays without an answer; the text says why."""


@dataclass(slots=True)
class _Try:
    batch: Batch
    again: bool = False  # tried before, all alone


@dataclass(slots=True)
class _Place:
    """One device: its worker while it lives, and what it was given, oldest first."""

    index: int
    worker: Worker | None = None
    given: deque[_Try] = field(default_factory=deque)
    since: float = 0.0
    silent: bool = False


class Fleet:
    """Workers behind one queue.

    Args:
        start: makes the worker of a place, see :class:`registry.evaluation.engines.process.WorkerProcess`.
        places: how many workers there are.
        timeout_s: how long one batch may take.
    """

    def __init__(
        self, start: Callable[[int, Inbox], Worker], *, places: int = 1, timeout_s: float = 600.0
    ) -> None:
        self._start_worker = start
        self._timeout_s = timeout_s
        self._inbox: Inbox = queue.SimpleQueue()
        self._places = [_Place(index) for index in range(places)]
        self._most: int | None = None
        self._lost = 0

    @property
    def running(self) -> tuple[Worker, ...]:
        """The workers that were started and not yet ended."""
        return tuple(place.worker for place in self._places if place.worker is not None)

    def start(self, places: int | None = None) -> None:
        """Start the first ``places`` workers side by side, all by default, and wait until each has its model.

        Raises:
            EngineError: ENG003.
            MissingExtra: without ``ctranslate2``.
        """
        missing = [place for place in self._places[:places] if place.worker is None]
        for place in missing:
            place.worker = self._start_worker(place.index, self._inbox)
        try:
            for place in missing:
                if place.worker is not None:
                    place.worker.wait(self._timeout_s)
        except BaseException:
            self.close()
            raise

    def run(self, batches: Iterable[Batch]) -> Generator[tuple[Batch, Answer | Unanswered]]:
        """Each batch, whole or in parts, with its answer, as answers come; batches are pulled as places are free.

        Raises:
            EngineError: ENG003 when no worker can be started.
        """
        source = iter(batches)
        waiting: deque[_Try] = deque()
        self._lost = 0
        try:
            while True:
                self._hand_out(waiting, source)
                if not any(place.given for place in self._places):
                    return
                yield from self._take(waiting)
                if self._lost >= _LOST_IN_A_ROW:
                    yield from self._given_up(waiting, source)
                    return
        finally:
            if any(place.given for place in self._places):
                self.close()  # answers that nobody waits for must not meet the next run

    def close(self) -> None:
        """End all workers; safe to call twice."""
        for place in self._places:
            if place.worker is not None:
                place.worker.close()
            place.worker = None
            place.given.clear()
        self._inbox = queue.SimpleQueue()

    def _hand_out(self, waiting: deque[_Try], source: Iterator[Batch]) -> None:
        for _ in range(_IN_FLIGHT):
            for place in self._places:
                if len(place.given) < _IN_FLIGHT and (task := self._next(waiting, source)) is not None:
                    self._give(place, task, waiting)

    def _next(self, waiting: deque[_Try], source: Iterator[Batch]) -> _Try | None:
        if not waiting:
            waiting.extend(_Try(batch) for batch in [next(source, None)] if batch is not None)
        while waiting and self._most is not None and len(waiting[0].batch.prompts) > self._most:
            halves = waiting.popleft().batch.halves()
            waiting.extendleft(_Try(half) for half in reversed(halves))
            if len(halves) == 1:
                break
        return waiting.popleft() if waiting else None

    def _give(self, place: _Place, task: _Try, waiting: deque[_Try]) -> None:
        if place.worker is None:
            place.worker = self._start_worker(place.index, self._inbox)
            try:
                place.worker.wait(self._timeout_s)
            except BaseException:
                place.worker = None
                raise
        if not place.given:
            place.since = time.monotonic()
        place.given.append(task)
        try:
            place.worker.send(task.batch.message())
        except WorkerDied:
            if len(place.given) > 1:  # the death of what was given before, told by its reader in a moment
                waiting.appendleft(place.given.pop())

    def _take(self, waiting: deque[_Try]) -> Iterator[tuple[Batch, Answer | Unanswered]]:
        place, line = self._heard()
        if place is None:
            return
        if not line:
            yield from self._bury(place, waiting)
            return
        task = place.given.popleft()
        place.since = time.monotonic()
        answer = json.loads(line)
        if "error" not in answer:
            self._lost = 0
            yield task.batch, answer
            return
        if answer["memory"]:
            self._most = max(1, len(task.batch.prompts) // 2)
        yield from self._again(task, waiting, str(answer["error"]))

    def _heard(self) -> tuple[_Place | None, bytes]:
        """The next line and whose it is; a worker over its time is ended, which is a line as well."""
        due = min(place.since for place in self._places if place.given) + self._timeout_s
        try:
            worker, line = self._inbox.get(timeout=max(0.0, due - time.monotonic()))
        except queue.Empty:
            late = min((place for place in self._places if place.given), key=lambda place: place.since)
            if late.worker is not None and not late.silent:
                late.silent = True
                late.worker.kill()
            late.since = time.monotonic()
            return None, b""
        return next((place for place in self._places if place.worker is worker), None), line

    def _bury(self, place: _Place, waiting: deque[_Try]) -> Iterator[tuple[Batch, Unanswered]]:
        """The oldest task is what the worker died of; the younger ones go back to the queue unharmed."""
        if place.worker is None:
            return
        why = place.worker.farewell()
        if place.silent:
            why = f"the worker did not answer for {self._timeout_s:g} s"
        place.worker.close()
        place.worker, place.silent = None, False
        given, place.given = place.given, deque()
        while len(given) > 1:
            waiting.appendleft(given.pop())
        if given:
            self._lost += 1
            yield from self._again(given[0], waiting, why)

    def _again(self, task: _Try, waiting: deque[_Try], why: str) -> Iterator[tuple[Batch, Unanswered]]:
        halves = task.batch.halves()
        if len(halves) > 1:
            waiting.extendleft(_Try(half) for half in reversed(halves))
        elif not task.again:
            waiting.appendleft(_Try(task.batch, again=True))
        else:
            yield task.batch, Unanswered(why)

    def _given_up(self, waiting: deque[_Try], source: Iterator[Batch]) -> Iterator[tuple[Batch, Unanswered]]:
        why = f"the worker died {self._lost} times in a row"
        left = [task for place in self._places for task in place.given] + list(waiting)
        self.close()
        for task in left:
            yield task.batch, Unanswered(why)
        for batch in source:
            yield batch, Unanswered(why)


def open_fleet(
    folder: Path,
    kind: ModelKind,
    choice: Choice,
    probe: str,
    *,
    lanes: int = 1,
    timeout_s: float = 600.0,
    hire: Hire = WorkerProcess,
) -> Fleet:
    """The workers of a model on the chosen devices, none of them started.

    Args:
        folder: verified weights.
        kind: what the model is.
        choice: where and how it computes.
        probe: a token that the model knows, for the question that each worker answers first.
        lanes: parallel calls on one device.
        timeout_s: how long one batch may take.
        hire: starts a worker, a process of this machine by default.
    """
    setup = {
        "folder": str(folder),
        "kind": kind,
        "device": choice.device,
        "computeType": choice.compute_type,
        "threads": choice.threads if lanes == 1 else 1,
        "lanes": lanes,
        "libraries": choice.libraries,
        "probe": probe,
    }

    def start(place: int, inbox: Inbox) -> Worker:
        return hire({**setup, "index": choice.indexes[place]}, choice.environment, inbox)

    return Fleet(start, places=len(choice.indexes), timeout_s=timeout_s)
