"""What must stay: what is live, what can be gone back to, and its evidence; nothing is guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.yards import Yard

from registry.errors import Refused
from registry.publish.canary import stage, step
from registry.publish.channels import current, history
from registry.publish.needed import Keep, Needed, needed, objects_of
from registry.publish.target import object_key


def ask(yard: Yard, keep: Keep = Keep(2, 0), **changes: object) -> Needed:
    channels = [yard.staging, yard.production]
    given = {"channels": channels, "keep": keep, "now": yard.clock.now(), "root": yard.root} | changes
    return needed(yard.target, **given)


def releases(yard: Yard, found: Needed) -> set[int]:
    told = {object_key(m.sha256): m.release for m in history(yard.target, yard.staging, root=yard.root)}
    return {told[key] for key in found.objects if key in told}


def test_an_empty_store_needs_nothing(yard: Yard) -> None:
    assert ask(yard).objects == {}


def test_the_last_releases_of_every_channel_are_needed(yard: Yard) -> None:
    yard.publish()
    yard.promote()
    for _ in range(4):
        yard.publish()
    yard.clock.pass_days(1)
    found = ask(yard)
    assert releases(yard, found) == {1, 4, 5}
    assert set(found.objects.values()) == {
        "release 5, live on staging", "release 4, a rollback target on staging", "release 1, live on production",
    }  # fmt: skip


def test_going_back_and_forth_between_two_uses_up_no_room(yard: Yard) -> None:
    for _ in range(3):
        yard.publish()
    for number in (2, 3, 2, 3):
        yard.rollback(number)
    yard.clock.pass_days(1)
    assert releases(yard, ask(yard)) == {2, 3}


def test_what_was_live_lately_is_needed_however_old_it_is(yard: Yard) -> None:
    yard.publish()
    yard.clock.pass_days(200)
    for _ in range(4):
        yard.publish()
    assert releases(yard, ask(yard, Keep(2, 90))) == {1, 2, 3, 4, 5}, "release 1 was live until just now"
    yard.clock.pass_days(91)
    assert releases(yard, ask(yard, Keep(2, 90))) == {4, 5}


def test_the_release_before_a_rollback_stays(yard: Yard) -> None:
    for _ in range(3):
        yard.publish()
    yard.rollback(1)
    yard.clock.pass_days(1)
    assert releases(yard, ask(yard)) == {1, 3}


def test_evidence_stays_as_long_as_its_release(yard: Yard) -> None:
    yard.publish(evidence=b"old proof")
    yard.publish(evidence=b"proof")
    yard.publish()
    yard.clock.pass_days(1)
    (_, second, first) = history(yard.target, yard.staging, root=yard.root)
    found = ask(yard)
    assert len(objects_of(second)) == len(objects_of(first)) == 2
    assert set(objects_of(second)) <= set(found.objects)
    assert not set(objects_of(first)) & set(found.objects)


def test_a_channel_that_cannot_be_verified_here_is_a_refusal(yard: Yard) -> None:
    yard.publish()
    yard.promote()
    with pytest.raises(Refused, match="PUB016 channel production lies in the store"):
        ask(yard, channels=[yard.staging])
    unknown = replace(yard.production, root="trust/nowhere.json")
    with pytest.raises(Refused, match="PUB016"):
        ask(yard, channels=[yard.staging, unknown])


def test_a_move_without_a_time_counts_as_recent(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.publish.channels.iso", lambda _: "some day")
    for _ in range(4):
        yard.publish()
    assert releases(yard, ask(yard, Keep(2, 1))) == {1, 2, 3, 4}


def test_a_move_needs_its_bundle_alone_where_no_test_ran(yard: Yard) -> None:
    done = yard.publish()
    move = current(yard.target, yard.staging, root=yard.root)
    assert move is not None
    assert objects_of(move) == (object_key(done.sha256),)


def test_what_a_canary_points_at_stays_as_long_as_its_move(yard: Yard) -> None:
    yard.publish()
    yard.promote()
    second = yard.publish(evidence=b"proof")
    given = {"root": yard.root, "now": yard.clock.now, "wait": yard.clock.wait, "actor": "bob"}
    stage(yard.target, yard.staging, yard.production, 10, descends=lambda *_: True, **given)
    for _ in range(3):
        yard.publish()
    yard.clock.pass_days(1)
    found = ask(yard, Keep(1, 0))
    why = found.objects[object_key(second.sha256)]
    assert why == "release 2, a canary on production"
    move = current(yard.target, yard.production, root=yard.root)
    assert move is not None
    assert len(objects_of(move)) == 3
    assert set(objects_of(move)) <= set(found.objects)
    step(yard.target, yard.production, 0, **given)
    yard.promote()
    yard.clock.pass_days(1)
    assert object_key(second.sha256) not in ask(yard, Keep(1, 0)).objects
