from __future__ import annotations

from registry.evaluation.engines.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.ended = False

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return self.ended


def begun(pace: Pace, clock: Clock, *tokens: int) -> list[float]:
    times = []
    for count in tokens:
        assert pace.begin(count)
        times.append(round(clock.now - 100.0, 6))
    return times


def test_without_bounds_nobody_waits() -> None:
    clock = Clock()
    assert begun(Pace(None, None, clock.wait, monotonic=clock), clock, 10, 10_000) == [0, 0]


def test_requests_are_spread_over_the_minute() -> None:
    clock = Clock()
    assert begun(Pace(120, None, clock.wait, monotonic=clock), clock, 1, 1, 1) == [0, 0.5, 1.0]


def test_tokens_are_spread_over_the_minute() -> None:
    clock = Clock()
    assert begun(Pace(None, 6000, clock.wait, monotonic=clock), clock, 100, 300, 1) == [0, 1.0, 4.0]


def test_the_narrower_bound_counts() -> None:
    clock = Clock()
    assert begun(Pace(60, 60_000, clock.wait, monotonic=clock), clock, 10, 5000, 1) == [0, 1.0, 6.0]


def test_time_that_passed_is_not_saved_up() -> None:
    clock = Clock()
    pace = Pace(60, None, clock.wait, monotonic=clock)
    assert begun(pace, clock, 1) == [0]
    clock.now += 100
    assert begun(pace, clock, 1, 1) == [100, 101]


def test_a_hold_holds_everybody_and_the_longest_counts() -> None:
    clock = Clock()
    pace = Pace(None, None, clock.wait, monotonic=clock)
    pace.hold(30)
    pace.hold(2)
    assert begun(pace, clock, 1, 1) == [30, 30]


def test_an_ended_run_waits_no_longer() -> None:
    clock = Clock()
    clock.ended = True
    pace = Pace(None, None, clock.wait, monotonic=clock)
    pace.hold(30)
    assert not pace.begin(1)
