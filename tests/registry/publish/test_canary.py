"""A release on its way, step by step, seen by stock ngclient as a reader that knows no rollouts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.yards import Crash, Faulty, Yard, crash

from registry.errors import PublishConflict, Refused, Usage
from registry.publish import canary, channels
from registry.publish.canary import BAKE_S, STEPS, Pace, next_step
from registry.publish.channels import Published, current, history
from registry.publish.moves import Move
from registry.publish.resign import resign
from registry.publish.state import read_state
from registry.publish.target import object_key


def common(yard: Yard) -> dict:
    return {"root": yard.root, "now": yard.clock.now, "wait": yard.clock.wait}


def stage(yard: Yard, percent: int, **more) -> Published:
    given = {"actor": "bob", "descends": lambda old, new: old <= new, **common(yard), **more}
    return canary.stage(yard.target, yard.staging, yard.production, percent, **given)


def step(yard: Yard, percent: int, **more) -> Published:
    return canary.step(yard.target, yard.production, percent, **{"actor": "eve", **common(yard), **more})


def live(yard: Yard) -> Move:
    found = current(yard.target, yard.production, root=yard.root)
    assert found is not None
    return found


@pytest.fixture
def begun(yard: Yard) -> Yard:
    """Release 1 on production, release 2 on staging."""
    yard.publish()
    yard.promote()
    yard.publish(commit="b", evidence=b"proof")
    return yard


def test_each_step_is_signed_and_stable_stays_until_the_last(any_yard: Yard) -> None:
    first = any_yard.publish()
    any_yard.promote()
    second = any_yard.publish(commit="b")
    for before, percent in ((0, 1), (1, 10), (10, 50)):
        done = stage(any_yard, percent)
        assert done.changed
        move = live(any_yard)
        assert (move.action, move.release, move.was, move.sha256) == ("canary", 1, 1, first.sha256)
        found = move.canary
        assert found is not None
        assert (found.release, found.sha256) == (2, second.sha256)
        assert (found.percent, found.was, found.source) == (percent, before, "staging")
        assert any_yard.seen(any_yard.production) == (1, first.sha256)
    done = step(any_yard, 100, reason="looks well")
    assert (done.release, done.canary) == (2, None)
    assert any_yard.seen(any_yard.production) == (2, second.sha256)
    move = live(any_yard)
    assert (move.action, move.was, move.source, move.reason) == ("promote", 1, "staging", "looks well")
    told = [(m.action, m.canary and m.canary.percent) for m in reversed(history_of(any_yard))]
    assert told == [("promote", None), ("canary", 1), ("canary", 10), ("canary", 50), ("promote", None)]


def history_of(yard: Yard) -> tuple[Move, ...]:
    return history(yard.target, yard.production, root=yard.root)


def test_the_same_step_twice_is_one(begun: Yard) -> None:
    assert stage(begun, 10).changed
    again = stage(begun, 10)
    assert not again.changed
    assert again.canary is not None
    assert not step(begun, 10).changed
    assert len(history_of(begun)) == 2


def test_the_draw_stays_the_same_for_the_whole_rollout_and_its_pace_until_it_is_changed(begun: Yard) -> None:
    stage(begun, 1)
    first = live(begun).canary
    assert first is not None
    assert (first.bake_s, first.steps) == (BAKE_S, STEPS)
    stage(begun, 10, pace=Pace(60, (10, 100)))
    second = live(begun).canary
    assert second is not None
    assert (second.salt, second.bake_s, second.steps) == (first.salt, 60, (10, 100))
    assert next_step(first) == 10
    assert next_step(second) == next_step(second, (5,)) == 100


def test_a_promotion_to_all_finishes_the_rollout(begun: Yard) -> None:
    stage(begun, 10)
    done = begun.promote()
    assert (done.release, done.canary) == (2, None)
    move = live(begun)
    assert (move.action, move.was, move.ended, move.evidence_sha256 is not None) == ("promote", 1, None, True)


def test_the_end_is_a_rollback_that_names_what_it_broke_off(begun: Yard) -> None:
    stage(begun, 50)
    done = step(begun, 0, reason="slow")
    assert (done.release, done.canary, done.changed) == (1, None, True)
    move = live(begun)
    assert (move.action, move.release, move.was, move.ended, move.reason) == ("rollback", 1, 1, 2, "slow")
    with pytest.raises(Usage, match="PUB024"):
        step(begun, 0)
    assert stage(begun, 1).changed, "it may be tried again"


def test_a_rollback_to_any_release_ends_the_rollout(begun: Yard) -> None:
    begun.promote()
    begun.publish(commit="c")
    stage(begun, 10)
    assert begun.rollback(2, begun.production).changed
    move = live(begun)
    assert (move.release, move.canary, move.ended) == (2, None, 3)
    stage(begun, 10)
    assert begun.rollback(1, begun.production).release == 1
    assert live(begun).ended == 3
    assert begun.publish(commit="d").release == 4, "a canary's number is never given out again"


def test_while_one_release_is_on_its_way_no_other_goes_live(begun: Yard) -> None:
    stage(begun, 10)
    begun.publish(commit="c")
    with pytest.raises(PublishConflict, match="PUB021 release 2 is on its way on production, at 10 %"):
        stage(begun, 10)
    with pytest.raises(PublishConflict, match="PUB021"):
        begun.promote()
    with pytest.raises(PublishConflict, match="PUB021"):
        begun.publish(commit="d", channel=begun.production)
    assert step(begun, 50).canary.release == 2, "what is on its way can be taken on all the same"
    assert step(begun, 100).release == 2


def test_a_step_from_a_step_that_is_gone_is_none(begun: Yard) -> None:
    stage(begun, 10)
    seen = live(begun).canary
    stage(begun, 50)
    with pytest.raises(PublishConflict, match="PUB025"):
        step(begun, 100, seen=seen)
    step(begun, 0)
    with pytest.raises(PublishConflict, match="PUB025"):
        step(begun, 100, seen=seen)
    assert live(begun).release == 1


def test_bad_words_are_refused_before_anything_is_written(begun: Yard) -> None:
    for percent in (-1, 0, 100, 101):
        with pytest.raises(Usage, match="PUB023"):
            stage(begun, percent)
    with pytest.raises(Usage, match="PUB015"):
        canary.stage(
            begun.target,
            begun.staging,
            begun.staging,
            1,
            actor="x",
            descends=lambda *_: True,
            **common(begun),
        )
    with pytest.raises(Usage, match="PUB024"):
        step(begun, 10)
    assert len(history_of(begun)) == 1


def test_a_channel_without_a_release_has_nothing_to_stand_beside_a_canary(yard: Yard) -> None:
    with pytest.raises(Usage, match="PUB007"):
        stage(yard, 10)
    yard.publish()
    with pytest.raises(Usage, match="PUB022"):
        stage(yard, 10)
    yard.promote()
    assert not stage(yard, 10).changed, "it is live on all"


def test_a_canary_of_an_older_commit_is_refused(begun: Yard) -> None:
    begun.promote()
    begun.rollback(1)
    with pytest.raises(PublishConflict, match="PUB006"):
        stage(begun, 10)


def test_a_new_signature_keeps_the_rollout(begun: Yard) -> None:
    stage(begun, 10)
    assert resign(begun.target, begun.production, root=begun.root, now=begun.clock.now)
    assert live(begun).canary is not None


def test_the_number_of_a_canary_counts_as_held(begun: Yard) -> None:
    stage(begun, 10)
    assert live(begun).highest == 2
    assert channels.next_release(begun.target, begun.production, begun.root) == 3


def test_what_the_metadata_say_is_what_was_meant(begun: Yard) -> None:
    stage(begun, 10, pace=Pace(5, (10, 20)), reason="try")
    move = live(begun)
    found = move.canary
    assert found is not None
    assert replace(found, percent=20) != found
    assert (found.bake_s, found.steps, found.since, found.content_sha256 != "") == (
        5,
        (10, 20),
        move.at,
        True,
    )
    assert found.evidence_sha256 is not None


@pytest.mark.parametrize("percent", [10, 100, 0])
def test_a_publisher_that_dies_between_any_two_writes_leaves_the_step_before_or_the_step(
    begun: Yard, percent: int
) -> None:
    if percent != 10:
        stage(begun, 20)
    before = live(begun)
    writes = 3  # targets, snapshot, timestamp
    for at in range(writes):
        for when in ("before", "after"):
            begun.target = Faulty(begun.open(), at, **{when: crash})
            with pytest.raises(Crash):
                stage(begun, 10) if percent == 10 else step(begun, percent)
            begun.target = begun.open()
            landed = (at, when) == (writes - 1, "after")
            assert (live(begun) != before) is landed
            assert begun.seen(begun.production)[0] == (2 if landed and percent == 100 else 1)
    moves = history_of(begun)
    assert moves[1] == before, "one move, whatever died on the way"
    assert (moves[0].canary.percent if moves[0].canary else moves[0].release) == {10: 10, 100: 2, 0: 1}[
        percent
    ]


def test_a_release_that_was_not_looked_at_is_not_promoted_in_place_of_the_one_that_was(begun: Yard) -> None:
    begun.publish(commit="c")
    before = live(begun)
    for act in (lambda: stage(begun, 10, seen=2), lambda: begun.promote(seen=2)):
        with pytest.raises(PublishConflict, match="PUB029 channel staging holds release 3 by now"):
            act()
    assert live(begun) == before
    assert stage(begun, 10, seen=3).changed
    assert begun.promote(seen=3).release == 3


def test_two_operators_at_once_are_one_after_the_other(begun: Yard) -> None:
    other = replace(begun, target=begun.open())
    begun.target = Faulty(begun.open(), 2, before=lambda: stage(other, 50))
    done = stage(begun, 10)
    assert done.canary is not None
    assert [m.canary.percent for m in history_of(begun) if m.canary] == [10, 50]
    begun.target = Faulty(begun.open(), 2, before=lambda: other.rollback(1, other.production))
    with pytest.raises(Usage, match="PUB024"):
        step(begun, 99)
    assert live(begun).canary is None


def test_a_new_signature_in_the_middle_of_a_step_loses_neither(begun: Yard) -> None:
    other = begun.open()

    def sign() -> None:
        assert resign(other, begun.production, root=begun.root, now=begun.clock.now)

    begun.target = Faulty(begun.open(), 2, before=sign)
    assert stage(begun, 10).changed
    state = read_state(other, begun.production, begun.root)
    assert (state.move.canary.percent, state.live.timestamp_version) == (10, 3)


def test_a_canary_whose_bundle_is_gone_goes_no_further_and_can_be_taken_back(begun: Yard) -> None:
    stage(begun, 10)
    begun.target.remove(object_key(live(begun).canary.sha256))
    for percent in (50, 100):
        with pytest.raises(Refused, match="PUB009"):
            step(begun, percent)
    assert step(begun, 0).canary is None
