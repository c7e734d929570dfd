"""The protocol under what goes wrong: crashes, races and lost answers, on every kind of store."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import Any, cast

import pytest
from support.yards import Crash, Faulty, Yard, crash

from registry.errors import PublishConflict, StoreUnavailable
from registry.publish import channels
from registry.publish.channels import jittered
from registry.publish.commit import ATTEMPTS
from registry.publish.target import Conflict, Target

NUMBER, OBJECT, TARGETS, SNAPSHOT, TIMESTAMP = range(5)
WRITES = (NUMBER, OBJECT, TARGETS, SNAPSHOT, TIMESTAMP)


def faulty(yard: Yard, at: int, target: Target | None = None, **luck: Any) -> Target:
    return cast("Target", Faulty(target or yard.target, at, **luck))


def contents(yard: Yard) -> list[str]:
    """The text of each release in history, oldest first."""
    told = reversed(channels.history(yard.target, yard.staging, root=yard.root))
    bundles = [channels.read_bundle(yard.target, move) for move in told]
    return [cast("Any", bundle.prompts["support/hello"].messages[0]).content[0].text for bundle in bundles]


def test_a_publish_claims_its_number_then_writes_four_keys_and_the_timestamp_last(yard: Yard) -> None:
    target = Faulty(yard.open(), -1)
    done = yard.publish(target=target)
    assert target.writes == [
        "numbers/1",
        f"objects/sha256/{done.sha256}",
        "channels/staging/metadata/1.targets.json",
        "channels/staging/metadata/1.snapshot.json",
        "channels/staging/metadata/timestamp.json",
    ]


@pytest.mark.parametrize("at", WRITES)
def test_a_crash_before_any_write_leaves_the_old_release(any_yard: Yard, at: int) -> None:
    first = any_yard.publish("old")
    with pytest.raises(Crash):
        any_yard.publish("lost", target=faulty(any_yard, at, before=crash))
    assert any_yard.seen() == (1, first.sha256)
    second = any_yard.publish("new")
    assert any_yard.seen() == (2, second.sha256)
    assert contents(any_yard) == ["old", "new"]


def test_a_crash_in_the_very_first_publish_leaves_an_empty_channel(yard: Yard) -> None:
    with pytest.raises(Crash):
        yard.publish(target=faulty(yard, TIMESTAMP, before=crash))
    assert channels.current(yard.target, yard.staging, root=yard.root) is None
    assert yard.publish().release == 1


def test_a_crash_after_the_last_write_leaves_the_new_release(any_yard: Yard) -> None:
    with pytest.raises(Crash):
        any_yard.publish("new", target=faulty(any_yard, TIMESTAMP, after=crash))
    assert contents(any_yard) == ["new"]
    assert any_yard.publish().release == 2


def test_many_crashes_in_a_row_are_stepped_over(yard: Yard) -> None:
    for number in range(12):
        with pytest.raises(Crash):
            yard.publish(f"lost {number}", target=faulty(yard, SNAPSHOT + number, before=crash))
    assert yard.publish("kept").version == 13
    assert contents(yard) == ["kept"]


def test_racing_and_crashing_publishers_lose_nothing_and_double_nothing(any_yard: Yard) -> None:
    luck = random.Random(7)
    plans = [[(f"{who}-{what}", luck.choice([None, *WRITES])) for what in range(3)] for who in range(4)]
    failures: list[BaseException] = []

    def work(plan: list[tuple[str, int | None]]) -> None:
        target = any_yard.open()
        try:
            for content, fault in plan:
                if fault is not None:
                    dying = faulty(any_yard, fault, target, before=crash)
                    with pytest.raises(Crash):
                        any_yard.publish(f"{content} lost", wait=jittered, target=dying)
                any_yard.publish(content, wait=jittered, target=target)
        except BaseException as error:  # noqa: BLE001  # told by the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert any_yard.releases() == list(range(1, 13))
    assert Counter(contents(any_yard)) == Counter(content for plan in plans for content, _ in plan)
    assert any_yard.seen()[0] == 12


def test_a_lost_race_is_rebased_on_what_won(yard: Yard) -> None:
    done = yard.publish("mine", target=faulty(yard, TIMESTAMP, before=lambda: void(yard.publish("theirs"))))
    assert done.release == 2
    assert contents(yard) == ["theirs", "mine"]
    mine = channels.history(yard.target, yard.staging, root=yard.root)[0]
    assert (mine.was, channels.read_bundle(yard.target, mine).manifest.release) == (1, 2)


def test_an_answer_lost_after_the_write_is_one_release_even_when_others_built_on_it(yard: Yard) -> None:
    def others_go_on() -> None:
        yard.publish("theirs")
        raise Conflict("the answer was lost, and by now the key holds something else")

    done = yard.publish("mine", target=faulty(yard, TIMESTAMP, after=others_go_on))
    assert (done.release, done.version) == (1, 1)
    assert contents(yard) == ["mine", "theirs"]


def test_a_slow_publisher_gets_a_moment_before_its_number_is_skipped(yard: Yard) -> None:
    yard.publish("old")
    slow = faulty(yard, SNAPSHOT, before=lambda: void(yard.publish("quick")))
    assert yard.publish("slow", target=slow).release == 3
    assert contents(yard) == ["old", "quick", "slow"]
    assert yard.clock.waits != []


def test_two_who_say_exactly_the_same_in_the_same_second_are_one_release(any_yard: Yard) -> None:
    twin = faulty(any_yard, TIMESTAMP, before=lambda: void(any_yard.publish("same")))
    assert any_yard.publish("same", target=twin).release == 1
    assert contents(any_yard) == ["same"]


def test_losing_every_race_ends_with_a_conflict(yard: Yard) -> None:
    class Unlucky(Faulty):
        def replace_if(self, key: str, data: bytes, etag: str | None) -> None:
            raise Conflict(key)

    with pytest.raises(PublishConflict, match=f"PUB003 {ATTEMPTS} attempts") as caught:
        yard.publish(target=Unlucky(yard.open(), -1))
    assert caught.value.exit_code == 3
    assert yard.releases() == []


def test_a_store_that_goes_away_in_between_leaves_the_old_release(yard: Yard) -> None:
    def gone() -> None:
        raise StoreUnavailable("STO001", "the store is gone", "Wait.")

    first = yard.publish("old")
    with pytest.raises(StoreUnavailable):
        yard.publish("lost", target=faulty(yard, SNAPSHOT, before=gone))
    assert yard.seen() == (1, first.sha256)


def void(_: object) -> None:
    return None
