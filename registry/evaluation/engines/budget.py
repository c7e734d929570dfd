"""What a run may cost: money is set aside before a request is sent and settled when its answer is there.

Set aside is the most that a request can cost (every byte of it a token, the longest answer), so the cap holds
whatever the answers turn out to be. It must never let through a request whose cost has no bound.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Budget:
    """The money of one run in US dollars, shared by all engines; ``limit`` None is no cap."""

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self.spent = 0.0
        self.refused = 0
        self._aside: list[float] = []
        self._changed = threading.Condition()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was spent, and what the cap left unasked; empty where nothing was."""
        if not self.spent and not self.refused:
            return ()
        cap = "" if self.limit is None else f" of at most {self.limit:g} USD"
        requests = "1 request was" if self.refused == 1 else f"{self.refused} requests were"
        left = f"; {requests} not sent" if self.refused else ""
        told = "under 0.0001" if 0 < self.spent < 0.0001 else f"{self.spent:.4f}"
        return (f"cost: {told} USD{cap}{left}",)

    def reserve(self, most: float, ended: Callable[[], bool]) -> bool:
        """Set the most that a request can cost aside; waits while answers on their way may free enough.

        False when it does not fit, or ``ended`` says that the run is over.
        """
        with self._changed:
            while self.limit is not None and self.spent + sum(self._aside) + most > self.limit:
                if not self._aside or self.spent + most > self.limit or ended():
                    self.refused += 1
                    return False
                self._changed.wait(0.1)
            self._aside.append(most)
            return True

    def settle(self, most: float, cost: float) -> None:
        """Give back what was set aside and count what was spent."""
        with self._changed:
            self._aside.remove(most)
            self.spent += cost
            self._changed.notify_all()
