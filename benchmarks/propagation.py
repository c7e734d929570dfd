"""How long a release takes to reach 10,000 clients, and what they ask of the store: the client's own scheduler, simulated.

Nothing here says when to poll: ``serve.poll.Rhythm`` does, as in every client. Fetching takes a log-normal 0.14 s.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from benchmarks.measure import table
from serve.poll import FOLLOW_S, Rhythm

CLIENTS = 10_000
FETCH_MEDIAN_S, FETCH_SPREAD = 0.14, 0.4
PUBLISHED_S = 0.0


def main() -> str:
    """Three tables: the way of a release, the requests after a restart of all, and after an outage."""
    reach = [
        (f"{interval:g} s", f"{lost:.0%}", *(f"{value:.1f} s" for value in _quantiles(seen)))
        for interval in (5, 10, 30, 60)
        for lost in (0.0, 0.01)
        for seen in [sorted(arrivals(interval, lost))]
    ]
    made = table(
        f"Propagation to {CLIENTS:,} hosts",
        "python -m benchmarks propagation",
        ("interval", "polls that fail", "p50", "p99", "slowest host", "slowest follower"),
        reach,
    )
    rows = [
        ("all start at once, nothing in the cache", *_peak(first_polls(30, cached=False))),
        ("all start at once, with a cache", *_peak(first_polls(30, cached=True))),
        ("steady, 30 s", *_peak(steady(30))),
        ("the store is back after 10 minutes, 30 s", *_peak(after_outage(30, 600))),
    ]
    return (
        made
        + "\n"
        + table(
            "Requests per second at the store, 10,000 hosts",
            "python -m benchmarks propagation",
            ("when", "mean of the first 60 s", "peak second"),
            rows,
        )
    )


def arrivals(interval_s: float, lost: float, clients: int = CLIENTS, seed: int = 1) -> Iterator[float]:
    """Seconds from publishing to the swap, for each polling process."""
    chance = random.Random(seed)
    for _ in range(clients):
        for at, answered in polls(Rhythm(interval_s), chance, -10 * interval_s, lost):
            if answered and at >= PUBLISHED_S:
                yield at + FETCH_MEDIAN_S * chance.lognormvariate(0, FETCH_SPREAD)
                break


def polls(rhythm: Rhythm, chance: random.Random, start: float, lost: float) -> Iterator[tuple[float, bool]]:
    """When one client asks, from a random moment after ``start`` on, and whether it is answered."""
    at, failures = start + rhythm.interval_s * chance.random(), 0
    while True:
        answered = chance.random() >= lost
        yield at, answered
        failures = 0 if answered else failures + 1
        draw = chance.random()
        at += rhythm.next_s(draw) if answered else rhythm.backoff_s(failures, draw)


def first_polls(interval_s: float, *, cached: bool, seed: int = 1) -> Iterator[float]:
    """The polls of the first minute when all start at second 0."""
    chance, rhythm = random.Random(seed), Rhythm(interval_s)
    for _ in range(CLIENTS):
        at = rhythm.first_s(chance.random(), cached=cached)
        while at < 60:
            yield at
            at += rhythm.next_s(chance.random())


def steady(interval_s: float, seed: int = 1) -> Iterator[float]:
    """The polls of one minute of any day."""
    chance, rhythm = random.Random(seed), Rhythm(interval_s)
    for _ in range(CLIENTS):
        for at, _answered in polls(rhythm, chance, -10 * interval_s, 0.0):
            if at >= 60:
                break
            if at >= 0:
                yield at


def after_outage(interval_s: float, outage_s: float, seed: int = 1) -> Iterator[float]:
    """The polls of the first minute after a store was silent for so long."""
    chance, rhythm = random.Random(seed), Rhythm(interval_s)
    for _ in range(CLIENTS):
        at, failures = -outage_s + interval_s * chance.random(), 0
        while at < 60:
            if at >= 0:
                yield at
            draw = chance.random()
            failures = failures + 1 if at < 0 else 0
            at += rhythm.backoff_s(failures, draw) if failures else rhythm.next_s(draw)


def _quantiles(seen: list[float]) -> tuple[float, float, float, float]:
    return seen[len(seen) // 2], seen[int(len(seen) * 0.99)], seen[-1], seen[-1] + FOLLOW_S


def _peak(times: Iterator[float]) -> tuple[str, str]:
    seconds = Counter(int(at) for at in times)
    return f"{sum(seconds.values()) / 60:,.0f}", f"{max(seconds.values()):,}"
