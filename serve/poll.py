"""When to ask the store next: pure decisions, with chance and time as arguments.

Ten thousand clients that share one bug in here are an attack on the store, so each rule is a function
of its own with a test of its own.
It must never sleep, draw a random number or read a clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from serve.core.errors import Refused

MIN_INTERVAL_S = 5.0
MAX_INTERVAL_S = 3600.0
JITTER = 0.2
FIRST_SPREAD_S = 10.0
BACKOFF_BASE_S = 5.0
BACKOFF_CAP_S = 300.0
ROOT_CHECK_S = 3600.0
MISSED_POLLS = 10
FOLLOW_S = 0.5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The clamped interval and everything that scales with it, in seconds."""

    interval_s: float = 30.0
    min_interval_s: float = MIN_INTERVAL_S

    def __post_init__(self) -> None:
        clamped = min(max(self.interval_s, self.min_interval_s), MAX_INTERVAL_S)
        object.__setattr__(self, "interval_s", clamped)

    @property
    def stale_after_s(self) -> float:
        """Ten polls without success are an outage, one is weather."""
        return MISSED_POLLS * self.interval_s * (1 + JITTER)

    def next_s(self, chance: float) -> float:
        """Seconds to the next poll after a good one: the interval ± 20 %. ``chance`` is uniform in [0, 1)."""
        return self.interval_s * (1 - JITTER + 2 * JITTER * chance)

    def first_s(self, chance: float, *, cached: bool) -> float:
        """Seconds to the first poll: at once when there is nothing to serve, else spread over 10 s."""
        return min(FIRST_SPREAD_S, self.interval_s) * chance if cached else 0.0

    def backoff_s(self, failures: int, chance: float) -> float:
        """Seconds to the next poll after ``failures`` (≥ 1) unanswered ones in a row: full jitter.

        Uniform below a window that doubles up to 300 s, but never sooner than the clamp allows, so that a
        broken store is not asked more often than a healthy one. A short interval shortens both ends.

        Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
        """
        base = min(BACKOFF_BASE_S, self.interval_s)
        cap = min(BACKOFF_CAP_S, MISSED_POLLS * self.interval_s)
        window = min(cap, base * 2.0 ** min(failures, 32))
        return max(window * chance, min(self.min_interval_s, base))

    def quarantine_s(self, attempts: int) -> float:
        """Seconds before a bundle refused ``attempts`` (≥ 1) times is fetched again: doubling to 1 h."""
        return min(MAX_INTERVAL_S, self.interval_s * 2.0 ** min(attempts, 32))


class Quarantined(Refused):
    """A bundle that was refused before and is not due for another try; says again why."""


class Quarantine:
    """Bundles that were refused, by digest, and when each may be tried again."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
        self._held: dict[str, tuple[int, float, float, Refused]] = {}

    def add(self, sha256: str, error: Refused, now: float) -> None:
        """Put a bundle away after a refusal; each further one doubles the time."""
        attempts = self._held[sha256][0] + 1 if sha256 in self._held else 1
        self._held = {sha256: (attempts, now, now + self._rhythm.quarantine_s(attempts), error)}

    def check(self, sha256: str, now: float) -> None:
        """Pass a bundle that may be tried; raises Quarantined with the old code while it may not."""
        if sha256 in self._held:
            _, since, until, error = self._held[sha256]
            if since <= now < until:  # a clock that was set back must not make it a year
                raise Quarantined(error.code, error.what, error.next_step)
