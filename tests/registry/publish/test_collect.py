"""Garbage collection against publishers, crashes and clocks: what is needed is never gone, what is not goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.yards import Crash, Faulty, Yard, crash

from registry.errors import PublishConflict, Refused
from registry.publish import condemned, proofs
from registry.publish.channels import history, read_bundle
from registry.publish.collect import Survey, collect, removable_at, survey
from registry.publish.needed import Keep
from registry.publish.target import Target, object_key


def look(yard: Yard, keep: Keep = Keep(2, 0)) -> Survey:
    channels = [yard.staging, yard.production]
    return survey(yard.target, channels, keep=keep, root=yard.root, now=yard.clock.now)


def run(yard: Yard, target: Any = None) -> Survey:
    plan = look(yard)
    collect(target if target is not None else yard.target, plan, now=yard.clock.now)
    return plan


def held(yard: Yard) -> set[str]:
    return set(yard.target.list("objects/sha256/"))


def five(yard: Yard) -> list[str]:
    """Five releases on staging, the first on production too; the object keys, oldest first."""
    keys = [object_key(yard.publish(evidence=b"proof 1").sha256)]
    yard.promote()
    keys += [object_key(yard.publish(evidence=f"proof {n}".encode()).sha256) for n in range(2, 6)]
    yard.clock.pass_days(1)
    return keys


@dataclass
class Dying:
    """A store whose user dies before its n-th removal."""

    target: Target
    after: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    def remove(self, key: str) -> None:
        if self.after == 0:
            raise Crash
        self.after -= 1
        self.target.remove(key)


def test_a_first_run_removes_nothing_and_a_later_one_only_what_is_unneeded(any_yard: Yard) -> None:
    keys = five(any_yard)
    before = held(any_yard)
    first = run(any_yard)
    assert first.remove == ()
    assert {keys[1], keys[2]} < set(first.condemn)
    assert held(any_yard) == before
    any_yard.clock.pass_days(1.9)
    assert run(any_yard).remove == (), "the grace is 48 hours"
    any_yard.clock.pass_days(0.2)
    assert {keys[1], keys[2]} < set(run(any_yard).remove)
    assert held(any_yard) & set(keys) == {keys[0], keys[3], keys[4]}
    assert len(held(any_yard)) == 6, "three bundles, each with its evidence"
    assert any_yard.seen()[0] == 5
    assert any_yard.seen(any_yard.production)[0] == 1
    assert any_yard.rollback(4).release == 4
    assert look(any_yard).remove == ()


def test_a_survey_writes_nothing(yard: Yard) -> None:
    five(yard)
    look(yard)
    assert yard.target.read(condemned.LIST) is None


def test_history_stays_whole_and_says_which_bundle_is_gone(yard: Yard) -> None:
    five(yard)
    run(yard)
    yard.clock.pass_days(20)
    run(yard)
    assert yard.releases() == [1, 2, 3, 4, 5]
    with pytest.raises(Refused, match="PUB009 the bundle of release 2 is missing"):
        yard.rollback(2)
    (live, *_) = history(yard.target, yard.staging, root=yard.root)
    assert read_bundle(yard.target, live).manifest.release == 5
    assert live.evidence_sha256 is not None
    assert yard.target.read(object_key(live.evidence_sha256)) is not None
    proofs.read(yard.target, live)


def test_what_crashed_publishers_left_goes_after_its_grace(any_yard: Yard) -> None:
    any_yard.publish()
    for at in range(1, 5):
        with pytest.raises(Crash):
            any_yard.publish(f"lost {at}", target=Faulty(any_yard.open(), at, before=crash))
    last = any_yard.publish()
    any_yard.target.put_once("probe/left", b"x")
    assert len(held(any_yard)) == 5
    run(any_yard)
    any_yard.clock.pass_days(3)
    run(any_yard)
    assert len(held(any_yard)) == 2
    assert any_yard.target.list("probe/") == ()
    metadata = "channels/staging/metadata/"
    assert len(any_yard.target.list(metadata)) > 6, "documents stay for two weeks"
    any_yard.clock.pass_days(12)
    run(any_yard)
    left = {key.removeprefix(metadata) for key in any_yard.target.list(metadata)}
    assert left == {"1.root.json", "1.targets.json", "timestamp.json"} | {
        f"{last.version}.{role}.json" for role in ("targets", "snapshot")
    }
    assert any_yard.seen()[0] == 2
    assert any_yard.releases() == [1, 2]
    assert any_yard.publish().release == 3


def test_a_document_above_the_live_one_is_never_touched(yard: Yard) -> None:
    yard.publish()
    with pytest.raises(Crash):
        yard.publish(target=Faulty(yard.open(), 4, before=crash))
    plan = look(yard)
    assert not [key for key in plan.condemn if "metadata" in key]


def test_foreign_keys_are_left_alone(yard: Yard) -> None:
    yard.publish()
    for key in ("objects/sha256/readme", "objects/sha256/" + "a" * 64 + ".intoto.jsonl", "status/web-1", "x"):
        yard.target.put_once(key, b"mine")
    assert look(yard).condemn == ()


def test_an_idle_run_writes_nothing(yard: Yard) -> None:
    yard.publish()
    assert run(yard).idle
    assert yard.target.read(condemned.LIST) is None


def test_a_rollback_to_a_condemned_release_saves_it(yard: Yard) -> None:
    keys = five(yard)
    run(yard)
    yard.clock.pass_days(3)
    assert yard.rollback(2).release == 2
    run(yard)
    assert keys[1] in held(yard)
    assert yard.seen()[0] == 2
    assert keys[2] not in held(yard)


def test_a_rollback_between_survey_and_removal_stops_the_removal(any_yard: Yard) -> None:
    keys = five(any_yard)
    run(any_yard)
    any_yard.clock.pass_days(3)
    plan = look(any_yard)
    assert keys[1] in plan.remove
    any_yard.rollback(2)
    with pytest.raises(PublishConflict, match="PUB019"):
        collect(any_yard.target, plan, now=any_yard.clock.now)
    assert set(keys) <= held(any_yard)
    assert any_yard.seen()[0] == 2


def test_a_rollback_during_the_removal_waits_and_never_points_at_what_is_gone(yard: Yard) -> None:
    keys = five(yard)
    run(yard)
    yard.clock.pass_days(3)
    with pytest.raises(Crash):
        run(yard, Dying(yard.target, 0))
    assert set(keys) <= held(yard)
    with pytest.raises(PublishConflict, match="PUB017"):
        yard.rollback(2)
    assert yard.rollback(4).release == 4, "what is not being removed is free"


@pytest.mark.parametrize("after", range(5))
def test_a_run_that_died_is_taken_over_after_two_hours(yard: Yard, after: int) -> None:
    keys = five(yard)
    run(yard)
    yard.clock.pass_days(3)
    with pytest.raises(Crash):
        run(yard, Dying(yard.target, after) if after < 4 else Faulty(yard.target, 1, before=crash))
    with pytest.raises(Refused, match="PUB018"):
        look(yard)
    yard.clock.pass_days(0.1)
    run(yard)
    assert held(yard) & set(keys) == {keys[0], keys[3], keys[4]}
    assert condemned.read(yard.target).removal is None
    assert look(yard).idle


def test_a_removal_that_takes_too_long_stops_itself(yard: Yard) -> None:
    five(yard)
    run(yard)
    yard.clock.pass_days(3)
    plan = look(yard)
    times = iter([yard.clock.moment, yard.clock.moment, yard.clock.moment + timedelta(minutes=31)])
    with pytest.raises(Refused, match="PUB020"):
        collect(yard.target, plan, now=lambda: next(times))
    yard.clock.pass_days(0.1)
    run(yard)
    assert len(held(yard)) == 6


def test_two_runs_at_once_are_one(yard: Yard) -> None:
    five(yard)
    run(yard)
    yard.clock.pass_days(3)
    one, other = look(yard), look(yard)
    collect(yard.target, one, now=yard.clock.now)
    with pytest.raises(PublishConflict, match="PUB019"):
        collect(yard.target, other, now=yard.clock.now)


def test_a_release_published_again_with_the_same_evidence_keeps_it(yard: Yard) -> None:
    yard.publish(evidence=b"proof")
    for _ in range(3):
        yard.publish()
    yard.clock.pass_days(1)
    run(yard)
    yard.clock.pass_days(3)
    plan = look(yard)
    yard.publish(evidence=b"proof")
    with pytest.raises(PublishConflict, match="PUB019"):
        collect(yard.target, plan, now=yard.clock.now)
    run(yard)
    (live, *_) = history(yard.target, yard.staging, root=yard.root)
    assert live.evidence_sha256 is not None
    assert yard.target.read(object_key(live.evidence_sha256)) is not None


def test_numbers_that_can_never_be_given_again_go_and_the_highest_stays(yard: Yard) -> None:
    five(yard)
    run(yard)
    yard.clock.pass_days(15)
    run(yard)
    assert yard.target.list("numbers/") == ("numbers/5",)
    assert yard.publish(channel=yard.production, commit="b").release == 6


def test_a_channel_with_broken_metadata_stops_the_run(yard: Yard) -> None:
    five(yard)
    stored = yard.target.read("channels/production/metadata/timestamp.json")
    assert stored is not None
    yard.target.replace_if("channels/production/metadata/timestamp.json", b"{}", stored.etag)
    with pytest.raises(Refused, match="SIG"):
        look(yard)


def test_it_tells_when_there_will_be_something_to_remove(yard: Yard) -> None:
    five(yard)
    plan = look(yard)
    assert removable_at(plan, yard.clock.now()) == yard.clock.now() + timedelta(days=2)
    collect(yard.target, plan, now=yard.clock.now)
    again = look(yard)
    expected = (yard.clock.now() + timedelta(days=2)).astimezone(UTC).replace(microsecond=0)
    assert removable_at(again, yard.clock.now()) == expected
    assert removable_at(Survey((), (), {}, {}, condemned.Condemned()), datetime.now(UTC)) is None
