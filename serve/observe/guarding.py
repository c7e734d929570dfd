"""What guardrails did, counted and logged: verdicts, hits, failures, and the time of each rule.

Labels hold ids from the release, stages and actions, so the number of series is bounded.
It must never keep, count or log a text: a hit is told by its rule, the length of its span, and a keyed hash that
only tells whether two hits were of the same text.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from serve.core.guard.verdict import Hit, Verdict
from serve.core.guard.watch import Spent
from serve.core.model import Stage

log = logging.getLogger("serve.guard")
_HASH_DIGITS = 16


class Look(NamedTuple):
    """What one rule did so far: how often it looked, failed and hit, and its nanoseconds."""

    looks: int = 0
    failures: int = 0
    hits: int = 0
    ns: int = 0


class Guarding:
    """Counts of verdicts and rules. ``key`` keys the hashes in the log: hosts with one key can be compared."""

    now_ns = staticmethod(time.thread_time_ns)
    wall_ns = staticmethod(time.perf_counter_ns)

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or os.urandom(32)
        self._verdicts: dict[tuple[Stage, str], int] = {}
        self._rules: dict[tuple[str, str], Look] = {}
        self.reset_lock()

    def reset_lock(self) -> None:
        """A new lock: after a fork the old one may be held by a thread that is gone."""
        self._lock = threading.Lock()

    def tell(self, stage: Stage, text: str, verdict: Verdict, spent: Sequence[Spent]) -> None:
        """Count one check, and log its hits and failures."""
        with self._lock:
            decided = (stage, verdict.action)
            self._verdicts[decided] = self._verdicts.get(decided, 0) + 1
            for each in spent:
                self._add((each.set, each.rule), Look(1, int(each.failed), 0, each.ns))
            for hit in verdict.hits:
                self._add((hit.set, hit.rule), Look(hits=1))
        if log.isEnabledFor(logging.INFO):
            for hit in verdict.hits:
                log.info("%s", self._line(stage, text, hit))
        for each in spent:
            if each.failed:
                log.warning("rule %s of %s could not be evaluated, stage %s", each.rule, each.set, stage)

    def retire(self, paths: Collection[str]) -> None:
        """Drop the series of sets that a release does not hold; ``paths`` are those of its entries."""
        with self._lock:
            self._rules = {k: look for k, look in self._rules.items() if f"guardrails/{k[0]}.json" in paths}

    def verdicts(self) -> Mapping[tuple[Stage, str], int]:
        """A copy of the counts of verdicts, by stage and action."""
        with self._lock:
            return dict(self._verdicts)

    def rules(self) -> Mapping[tuple[str, str], Look]:
        """A copy of what each rule did, by set and rule."""
        with self._lock:
            return dict(self._rules)

    def _add(self, key: tuple[str, str], more: Look) -> None:
        self._rules[key] = Look(*map(sum, zip(self._rules.get(key, Look()), more, strict=True)))

    def _line(self, stage: Stage, text: str, hit: Hit) -> str:
        matched = text[hit.start : hit.end].encode("utf-8", "replace")
        hashed = hmac.new(self._key, matched, hashlib.sha256).hexdigest()[:_HASH_DIGITS]
        mode = " shadow" if hit.mode == "shadow" else ""
        return f"rule {hit.rule} of {hit.set}, stage {stage}: {hit.action}{mode}, {hit.end - hit.start} characters, {hashed}"
