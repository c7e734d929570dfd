"""A watched rollout: forward while it is healthy, back when it is not, and nowhere when nothing can be told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rollouts import name_for
from support.yards import Yard

from registry.errors import StoreUnavailable, Usage
from registry.publish import canary, rollout
from registry.publish.canary import Pace
from registry.publish.channels import current, history
from registry.publish.fleet import Finding
from registry.publish.moves import Canary, Move
from registry.publish.rollout import Decision, Watch, decide, watch
from serve import Report
from serve.core.codec import to_json
from serve.report import Refused, report_path

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
STEP = Canary(2, "b" * 64, 1, "c", "d", 10, 1, "salt", 600, (1, 10, 50, 100), BEGUN.isoformat())
FINDINGS = st.lists(
    st.builds(Finding, st.sampled_from(["healthy", "nobody", "unknown", "bad"]), st.just("why"))
)


def decision(*words: str, after_s: float = 601, at: int = 10) -> Decision:
    findings = [Finding(word, f"it is {word}") for word in words]
    now = BEGUN + timedelta(seconds=after_s)
    return decide(replace(STEP, percent=at), findings, now, steps=STEP.steps, bake_s=600)


def test_a_healthy_step_goes_on_after_its_bake_time() -> None:
    assert decision("healthy", after_s=599).act == "hold"
    assert decision("healthy") == Decision("advance", 50, "it is healthy")
    assert decision("healthy", at=50) == Decision("finish", 100, "it is healthy")
    assert decision("healthy", at=60) == Decision("finish", 100, "it is healthy")


def test_bad_ends_it_at_once_whatever_else_is_known() -> None:
    assert decision("healthy", "unknown", "bad", after_s=0) == Decision("end", 0, "it is bad")


def test_what_cannot_be_told_holds_it_for_ever() -> None:
    assert decision("unknown", after_s=1e6).act == "hold"
    assert decision("healthy", "unknown", after_s=1e6).act == "hold"
    assert decision(after_s=1e6).act == "hold"


def test_a_step_that_nobody_is_in_is_passed_but_nothing_goes_to_all_untried() -> None:
    assert decision("nobody", at=1) == Decision("advance", 10, "it is nobody")
    assert decision("nobody", at=50).act == "hold"
    assert decision("nobody", "healthy", at=50).act == "finish"


def test_a_clock_behind_the_publishers_only_waits() -> None:
    assert decision("healthy", after_s=-3600).act == "hold"


@given(FINDINGS, st.integers(1, 99), st.floats(-1e6, 1e6))
def test_nothing_but_health_of_all_ever_advances(
    findings: list[Finding], percent: int, after_s: float
) -> None:
    now = BEGUN + timedelta(seconds=after_s)
    found = decide(replace(STEP, percent=percent), findings, now, steps=STEP.steps, bake_s=600)
    words = {each.word for each in findings}
    if found.act in {"advance", "finish"}:
        assert words
        assert words <= {"healthy", "nobody"}
        assert after_s >= 600
        assert found.percent > percent
    assert (found.act == "end") == ("bad" in words)


@dataclass
class Play:
    """A rollout of release 2 in a store, and services that report to it."""

    yard: Yard
    told: list[tuple[int, str, str]] = field(default_factory=list)
    more: dict = field(default_factory=dict)

    def live(self) -> Move:
        found = current(self.yard.target, self.yard.production, root=self.yard.root)
        assert found is not None
        return found

    def watch(self, **changes) -> Watch:
        given = {
            "target": self.yard.target, "reports": self.yard.target, "channel": self.yard.production,
            "actor": "bob", "root": self.yard.root, "now": self.yard.clock.now, "wait": self.yard.clock.wait,
        }  # fmt: skip
        return Watch(**{**given, **self.more, **changes})

    def report(self, instance: str, *, refuses: bool = False) -> None:
        """A service that runs what it is drawn for, or refuses it."""
        move, now = self.live(), self.yard.clock.now().isoformat()
        to = move.canary
        runs = to if to is not None and not refuses else move
        refused = Refused("BND007", "renders differently", now, to.release) if refuses and to else None
        told = Report(
            instance, "production", "fresh", now, runs.release, runs.sha256, heartbeat_s=150,
            refusals=int(refuses), last_refusal=refused,
        )  # fmt: skip
        key = report_path("production", instance)
        stored = self.yard.target.read(key)
        self.yard.target.replace_if(key, json.dumps(to_json(told)).encode(), stored.etag if stored else None)

    def run(self, rest, *, looks: int = 20, **changes) -> str:
        """Watch to the end, or for so many looks; the last thing that was done."""
        acts = watch(self.watch(**changes), rest)
        for _ in range(looks):
            try:
                seen, done = next(acts)
            except StopIteration:
                break
            self.told.append((seen.percent, done.act, done.why))
        return self.told[-1][1]

    def bake(self) -> None:
        self.yard.clock.moment += timedelta(minutes=5)


@pytest.fixture
def play(yard: Yard) -> Play:
    return begin(yard)


def begin(yard: Yard) -> Play:
    yard.publish()
    yard.promote()
    yard.publish()
    given = {"root": yard.root, "now": yard.clock.now, "wait": yard.clock.wait, "actor": "bob"}
    canary.stage(yard.target, yard.staging, yard.production, 1, descends=lambda *_: True, **given)
    return Play(yard)


def first(play: Play) -> str:
    found = play.live().canary
    assert found is not None
    return name_for(found, percent=1)


def test_a_healthy_release_goes_to_all_step_by_step(any_yard: Yard) -> None:
    play = begin(any_yard)
    name = first(play)

    def rest() -> None:
        play.bake()
        play.report(name)

    play.report(name)
    assert play.run(rest) == "finish"
    acts = [(percent, act) for percent, act, _ in play.told if act != "hold"]
    assert acts == [(1, "advance"), (10, "advance"), (50, "finish")]
    move = play.live()
    assert (move.release, move.canary, move.actor) == (2, None, "bob (rollout watch)")
    assert move.reason == "1 of 1 instances drawn, and running it"
    told = history(any_yard.target, any_yard.production, root=any_yard.root)
    assert [m.canary.percent for m in told if m.canary] == [50, 10, 1]


def test_a_refusal_takes_the_release_back_with_its_reason(play: Play) -> None:
    play.report(first(play), refuses=True)
    assert play.run(play.bake) == "end"
    move = play.live()
    assert (move.action, move.release, move.ended, move.canary) == ("rollback", 1, 2, None)
    assert move.reason == "taken back by itself: one instance refused release 2: BND007"


def test_a_silent_fleet_holds_it(play: Play) -> None:
    assert play.run(play.bake) == "hold"
    assert play.live().canary is not None
    assert play.told[-1][2] == "no instance reports"


def test_a_watch_that_died_is_followed_by_one_that_goes_on_where_it_was(play: Play) -> None:
    name = first(play)

    def rest() -> None:
        play.bake()
        play.report(name)

    play.report(name)
    for _ in range(6):  # each watch dies after three looks
        if play.live().canary is None:
            break
        play.run(rest, looks=3)
    assert play.live().release == 2
    assert [act for _, act, _ in play.told if act in {"advance", "finish"}] == [
        "advance",
        "advance",
        "finish",
    ]


def test_two_watches_at_once_do_no_harm(play: Play) -> None:
    name = first(play)
    play.report(name)
    for _ in range(3):
        play.bake()
        play.report(name)
    one, other = (play.watch() for _ in range(2))
    seen, what = rollout.look(one)
    assert what.act == "advance"
    assert rollout.act(other, seen, what).act == "advance"
    assert rollout.act(one, seen, what).act == "hold"
    assert play.live().canary is not None
    assert play.live().canary.percent == 10


def test_somebody_who_ends_it_meanwhile_ends_the_watch(play: Play) -> None:
    def rest() -> None:
        if play.live().canary is not None:
            play.yard.rollback(1, play.yard.production)

    assert play.run(rest) == "gone"
    with pytest.raises(Usage, match="PUB024"):
        play.run(rest)


def test_somebody_who_finishes_it_meanwhile_ends_the_watch_well(play: Play) -> None:
    def rest() -> None:
        if play.live().canary is not None:
            play.yard.promote()

    assert play.run(rest) == "finish"
    assert play.told[-1][2] == "somebody else finished it"


def test_a_store_that_never_was_there_is_an_error(play: Play) -> None:
    with pytest.raises(StoreUnavailable):
        next(watch(play.watch(target=Away(), reports=Away()), play.bake))


class Away:
    """A store that does not answer."""

    def __getattr__(self, name: str):
        def refuse(*_: object, **__: object) -> None:
            raise StoreUnavailable("STO001", "the store does not answer", "Wait.")

        return refuse


def test_a_report_store_that_goes_away_holds_it(play: Play) -> None:
    name = first(play)
    play.report(name)
    reports = play.yard.open()

    @dataclass
    class Sometimes:
        there: bool = True

        def __getattr__(self, what: str):
            return getattr(reports if self.there else Away(), what)

    store = Sometimes()

    def rest() -> None:
        play.bake()
        store.there = False

    assert play.run(rest, looks=5, reports=store) == "hold"
    assert play.told[-1][2].startswith("STO001")
    assert play.live().canary.percent == 1


class Says:
    """A query with a known finding."""

    def __init__(self, word: str) -> None:
        self.word = word

    def examine(self, *_: object) -> Finding:
        return Finding(self.word, "the query")


def test_a_query_alone_is_enough_where_nobody_reports_and_has_to_agree_where_they_do(play: Play) -> None:
    assert play.run(play.bake, looks=3, gauge=Says("unknown")) == "hold"
    play.run(play.bake, looks=4, gauge=Says("healthy"))
    assert play.live().canary.percent > 1
    play.report(first(play))
    assert play.run(play.bake, looks=2, gauge=Says("bad")) == "end"


@pytest.mark.parametrize("days", [-3, 3, 30])
def test_a_watch_whose_clock_is_days_off_only_waits(play: Play, days: int) -> None:
    play.report(first(play))
    right = play.yard.clock.now

    def wrong() -> datetime:
        return right() + timedelta(days=days)

    assert play.run(play.bake, looks=4, now=wrong) == "hold"
    if abs(days) > 7:
        assert play.run(play.bake, looks=4, now=wrong, gauge=Says("healthy")) == "hold"
    assert play.live().canary.percent == 1


def test_a_query_is_not_waited_for_where_the_fleet_has_decided(play: Play) -> None:
    class Hangs:
        def examine(self, *_: object) -> Finding:
            raise AssertionError

    play.report(first(play), refuses=True)
    assert play.run(play.bake, gauge=Hangs()) == "end"


def test_a_release_that_was_taken_back_once_can_be_tried_again(play: Play) -> None:
    name = first(play)
    play.report(name, refuses=True)
    assert play.run(play.bake) == "end"
    play.bake()
    yard = play.yard
    given = {"root": yard.root, "now": yard.clock.now, "wait": yard.clock.wait, "actor": "bob"}
    canary.stage(yard.target, yard.staging, yard.production, 1, descends=lambda *_: True, **given)
    assert play.run(play.bake, looks=2) == "hold", "what it refused before this rollout says nothing of it"
    play.report(name)
    play.bake()
    play.report(name)
    assert play.run(play.bake, looks=1) == "advance"


def test_another_pace_is_signed_with_the_next_step(play: Play) -> None:
    name = first(play)
    play.report(name)

    def rest() -> None:
        play.yard.clock.moment += timedelta(seconds=40)
        play.report(name)

    play.run(rest, looks=3, pace=Pace(60, (25, 100)))
    found = play.live().canary
    assert found is not None
    assert (found.percent, found.bake_s, found.steps) == (25, 60, (25, 100))
