"""How one instance is, told to a store, so that somebody can see who runs what.

One small object per instance, on every change and about once an hour, a quarter of the bake time apart while a
rollout is under way. Written by a thread of its own that lives as long as the write.
It must never hold up a poll or a render, raise, or tell of anybody's inputs.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from serve.core.codec import to_json
from serve.core.errors import PromptyardError, Usage
from serve.instance import Takes
from serve.sources import open_source
from serve.status import State, Status

log = logging.getLogger("serve")
FORMAT = 1
VARIABLE = "PROMPTYARD_REPORT"
HEARTBEAT_S = 3600.0
SHORTEST_S = 15.0
RETRY_S = 60.0
MOST_BYTES = 16_384
_PER_BAKE = 4
_REASON = 300


@runtime_checkable
class Sink(Protocol):
    """Where reports go."""

    def put(self, path: str, data: bytes) -> None:
        """Write an object, over the one before; raises what the store raises."""
        ...

    def reset(self) -> None:
        """Forget connections without closing them, after a fork."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """What an instance refused last: the code, why, of which release where one is to blame, and when."""

    code: str
    reason: str
    at: str
    release: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """An instance at one moment. Times are ISO 8601 in UTC.

    Attributes:
        canary: whether a rollout gave it the release that it runs.
        takes: when it takes part in rollouts: drawn, always or never.
        since: when it began to run that release.
        heartbeat_s: the next report is due after so many seconds, changed or not.
        refusals: how often it refused something since it started.
    """

    instance: str
    channel: str
    state: State
    at: str
    release: int | None = None
    sha256: str | None = None
    canary: bool = False
    takes: Takes = "drawn"
    since: str | None = None
    heartbeat_s: float = HEARTBEAT_S
    swaps: int = 0
    refusals: int = 0
    poll_failures: int = 0
    last_refusal: Refused | None = None
    format: int = FORMAT


def report_path(channel: str, instance: str) -> str:
    """Where the report of an instance lies in a store."""
    return f"status/{channel}/{instance}.json"


def reporter_of(url: str | None) -> Reporter | None:
    """Who reports to a store, the one of ``PROMPTYARD_REPORT`` unless named; None without one.

    Raises:
        Usage: SRC005 bad URL, SRC006 a store that cannot be written to.
    """
    given = url if url is not None else os.environ.get(VARIABLE)
    if not given:
        return None
    sink = open_source(given)
    if not isinstance(sink, Sink):
        raise Usage("SRC006", "reports go to a folder or a bucket", "Give report='s3://…' or 'file:…'.")
    return Reporter(sink)


class Reporter:
    """Writes reports where and when they are due. ``now`` gives epoch seconds."""

    def __init__(self, sink: Sink, *, now: Callable[[], float] = time.time) -> None:
        self._sink, self._now = sink, now
        self._told: tuple[object, ...] | None = None
        self._due = float("-inf")
        self._running: tuple[str | None, float] | None = None
        self._failures = 0
        self._writing: threading.Thread | None = None
        self.problem: str | None = None

    def offer(self, status: Status, *, poll_s: float, bake_s: float | None = None) -> None:
        """Report a status if it is news or a report is due; returns at once.

        Called about every ``poll_s``; ``bake_s`` is how long a step of the rollout under way stands.
        """
        now = self._now()
        if self._running is None or self._running[0] != status.sha256:
            self._running = status.sha256, now
        every_s = HEARTBEAT_S
        if bake_s is not None:
            every_s = min(HEARTBEAT_S, max(SHORTEST_S, poll_s, bake_s / _PER_BAKE))
        news = (status.state, status.sha256, status.canary, status.refusals, every_s)
        if self._writing is not None and self._writing.is_alive():
            return
        if (news == self._told or self._failures) and self._due - HEARTBEAT_S <= now < self._due:
            return
        self._told, self._due = news, now + every_s
        data = json.dumps(to_json(_report(status, self._running[1], now, every_s))).encode()
        path = report_path(status.channel, status.instance)
        self._writing = threading.Thread(
            target=self._write, args=(path, data), name="promptyard-report", daemon=True
        )
        try:
            self._writing.start()
        except RuntimeError as error:  # no more threads, or the interpreter is on its way out
            self._writing = None
            self._failed(error)

    def reset(self) -> None:
        """In a forked child: the thread and the connections are the parent's."""
        self._writing, self._told = None, None
        self._sink.reset()

    def _write(self, path: str, data: bytes) -> None:
        try:
            self._sink.put(path, data)
        except Exception as error:  # noqa: BLE001 - whatever a store does, the service goes on
            self._failed(error)
        else:
            self._failures, self.problem = 0, None

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._due = self._now() + min(HEARTBEAT_S, RETRY_S * 2 ** min(self._failures - 1, 16))
        known = isinstance(error, PromptyardError)
        if self.problem is None:
            log.warning("no report could be written: %s", error if known else type(error).__name__)
        self.problem = str(error) if known else type(error).__name__


def _report(status: Status, since: float, now: float, every_s: float) -> Report:
    last = status.last_refusal
    refused = Refused(last.code, last.reason[:_REASON], _iso(last.at), last.release) if last else None
    return Report(
        instance=status.instance,
        channel=status.channel,
        state=status.state,
        at=_iso(now),
        release=status.release,
        sha256=status.sha256,
        canary=status.canary,
        takes=status.takes,
        since=_iso(since) if status.sha256 is not None else None,
        heartbeat_s=every_s,
        swaps=status.swaps,
        refusals=status.refusals,
        poll_failures=status.poll_failures,
        last_refusal=refused,
    )


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
