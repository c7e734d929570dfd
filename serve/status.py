"""How a client is, in three words: fresh, stale or empty.

A service that answers from disk and cannot see updates is not healthy, and it is not down either.
It must never change what is served: this file only says what is and counts what was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serve.core.errors import PromptyardError, Refused
from serve.core.live import Live
from serve.instance import Takes

State = Literal["fresh", "stale", "empty"]
CLOCK_OFF_S = 300.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that arrived and was not used: why, when (epoch seconds), and which release where one is to blame."""

    code: str
    reason: str
    at: float
    release: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A client at one moment. Ages and times to expiry are seconds; ``sha256`` names the packed bundle.

    ``canary``: the release is one that a rollout drew this ``instance`` for. ``serves``: renders are answered; they are
    not without a release, nor from one that is staler than is allowed. ``clock_off_s``: how far this machine's clock is
    ahead of the store's, where the store tells its time.
    """

    state: State
    why: str
    channel: str
    release: int | None = None
    sha256: str | None = None
    seconds_since_poll: float | None = None
    seconds_to_expiry: float | None = None
    last_refusal: Refusal | None = None
    last_failure: str | None = None
    cache_problem: str | None = None
    polls: bool = False
    swaps: int = 0
    refusals: int = 0
    poll_failures: int = 0
    instance: str = ""
    takes: Takes = "drawn"
    canary: bool = False
    report_problem: str | None = None
    serves: bool = True
    clock_off_s: float | None = None


def assess(
    *, live: bool, seconds_since_poll: float | None, seconds_to_expiry: float | None, stale_after_s: float
) -> tuple[State, str]:
    """The state and one clause that says why. A missing age means: no successful poll yet."""
    if not live:
        return "empty", "no release is loaded"
    if seconds_to_expiry is not None and seconds_to_expiry <= 0:
        return "stale", "the signed metadata has expired"
    if seconds_since_poll is None:
        return "stale", "loaded from disk, not yet confirmed by the store"
    if seconds_since_poll > stale_after_s:
        return "stale", "the store has not confirmed the release for too long"
    return "fresh", "confirmed by the store"


class Record:
    """What happened to one client so far: written by its polling thread, read by all; times in epoch seconds.

    Attributes:
        max_staleness_s: how stale what is served may be at most; None for no bound.
        polled_at: when the store last confirmed what is served.
        failures: polls without an answer in a row, the input of the back-off.
        expires_at: when the trusted metadata expires.
        cache_problem: why the cache cannot be written, None while it can.
    """

    def __init__(self, channel: str, stale_after_s: float, max_staleness_s: float | None = None) -> None:
        self.channel, self._stale_after_s = channel, stale_after_s
        self.max_staleness_s = max_staleness_s
        self.polled_at: float | None = None
        self.expires_at: float | None = None
        self.cache_problem: str | None = None
        self.failures = self.swaps = self._refusals = self._poll_failures = 0
        self._last_refusal: Refusal | None = None
        self._last_failure: str | None = None
        self._clock_off_s: float | None = None

    def heard(self, at: float | None, now: float) -> bool:
        """The store told its time. True when the clocks differ by more than five minutes, and did not before."""
        before = self._clock_off_s
        self._clock_off_s = now - at if at is not None else None
        return abs(self._clock_off_s or 0.0) > CLOCK_OFF_S >= abs(before or 0.0)

    def confirmed(self, now: float) -> None:
        """The store was asked and all is well."""
        self.failures, self._last_failure, self.polled_at = 0, None, now

    def refused(self, error: Refused, now: float, release: int | None = None) -> bool:
        """Something arrived and was not used; the store did answer. True when it is news."""
        before = self._last_refusal
        self.failures = 0
        self._refusals += 1
        self._last_refusal = Refusal(error.code, error.what, now, release)
        return before is None or (before.code, before.reason) != (error.code, error.what)

    def failed(self, error: Exception) -> None:
        """The store did not answer, or the step broke in a way that nobody foresaw."""
        self.failures += 1
        self._poll_failures += 1
        self._last_failure = type(error).__name__
        if isinstance(error, PromptyardError):
            self._last_failure = f"{error.code} {error.what}"

    def _age(self, now: float) -> float | None:
        """None, too, when the clock was set back far: a time to come says nothing about the store."""
        if self.polled_at is None or self.polled_at - now > self._stale_after_s:
            return None
        return max(0.0, now - self.polled_at)

    def too_stale(self, now: float) -> bool:
        """True when a bound is set and the store's last word, or the end of its signatures, lies farther back.

        Where it is not known when the store last confirmed the release, that is too far.
        """
        if self.max_staleness_s is None:
            return False
        age = self._age(now)
        expired = 0.0 if self.expires_at is None else now - self.expires_at
        return age is None or max(age, expired) > self.max_staleness_s

    def status(self, live: Live | None, now: float, *, polls: bool) -> Status:
        """All of it, as of ``now``."""
        age = self._age(now)
        left = None if self.expires_at is None else self.expires_at - now
        state, why = assess(
            live=live is not None,
            seconds_since_poll=age,
            seconds_to_expiry=left,
            stale_after_s=self._stale_after_s,
        )
        refuses = self.too_stale(now)
        if live is not None and refuses:
            state, why = "stale", f"{why}; staler than {self.max_staleness_s:g} s, so renders are refused"
        return Status(
            state=state,
            why=why,
            channel=self.channel,
            release=live.release if live else None,
            sha256=live.sha256 if live else None,
            seconds_since_poll=age,
            seconds_to_expiry=left,
            last_refusal=self._last_refusal,
            last_failure=self._last_failure,
            cache_problem=self.cache_problem,
            polls=polls,
            swaps=self.swaps,
            refusals=self._refusals,
            poll_failures=self._poll_failures,
            serves=live is not None and not refuses,
            clock_off_s=self._clock_off_s,
        )
