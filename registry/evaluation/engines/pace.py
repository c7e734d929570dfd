"""How fast requests may begin: so many a minute, so many tokens a minute, and not before a provider said so.

Requests are spread evenly, because providers count in windows of seconds, not of minutes.
It must never let a thread sleep through the end of a run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Wait = Callable[[float], bool]


class Pace:
    """One provider's pace, kept by all threads that call it.

    Args:
        requests: a minute, None for no bound.
        tokens: a minute, None for no bound.
        wait: sleeps some seconds, True when the run has ended meanwhile.
        monotonic: the clock.
    """

    def __init__(
        self,
        requests: float | None,
        tokens: float | None,
        wait: Wait,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_request_s = 60.0 / requests if requests else 0.0
        self._per_token_s = 60.0 / tokens if tokens else 0.0
        self._wait = wait
        self._monotonic = monotonic
        self._free_at = 0.0
        self._held_until = 0.0
        self._lock = threading.Lock()

    def begin(self, tokens: int) -> bool:
        """Wait for this request's turn; False when the run has ended."""
        with self._lock:
            start = max(self._free_at, self._monotonic())
            self._free_at = start + max(self._per_request_s, self._per_token_s * tokens)
        while (left := max(start, self._held_until) - self._monotonic()) > 0:
            if self._wait(left):
                return False
        return True

    def hold(self, seconds: float) -> None:
        """Let nobody begin for some seconds: a provider that is out of breath is so for all."""
        with self._lock:
            self._held_until = max(self._held_until, self._monotonic() + seconds)
