"""A thing that each process makes for itself: weights that were loaded before a fork hang in the child.

It must never hand out what another process made.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Made at the first call in each process, once for all its threads."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._held: tuple[int, T] | None = None
        self._lock = os.getpid(), threading.Lock()

    def __call__(self) -> T:
        """What this process made."""
        pid = os.getpid()
        if self._held is not None and self._held[0] == pid:
            return self._held[1]
        if self._lock[0] != pid:  # it may be held by a thread of the parent
            self._lock = pid, threading.Lock()
        with self._lock[1]:
            if self._held is None or self._held[0] != pid:
                self._held = pid, self._make()
            return self._held[1]
