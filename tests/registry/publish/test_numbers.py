"""One number is one release, over all channels of a store and whoever asks at once."""

from __future__ import annotations

import threading

import pytest
from support.yards import Crash, Faulty, Yard, crash

from registry.publish import channels
from registry.publish.numbers import claim, next_number

NUMBER, OBJECT, *_, TIMESTAMP = range(5)


def test_publishers_of_two_channels_at_the_same_moment_get_two_numbers(any_yard: Yard) -> None:
    there = Faulty(
        any_yard.open(), NUMBER, before=lambda: (any_yard.publish(channel=any_yard.production), None)[1]
    )
    assert any_yard.publish(target=there).release == 2
    assert any_yard.releases(any_yard.production) == [1]


def test_many_publishers_of_two_channels_never_share_a_number(yard: Yard) -> None:
    done: list[int] = []

    def work(place: int) -> None:
        channel = yard.staging if place % 2 else yard.production
        done.extend(
            yard.publish(target=yard.open(), channel=channel, wait=channels.jittered).release
            for _ in range(3)
        )

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(set(done)) == 12
    assert sorted(yard.releases() + yard.releases(yard.production)) == sorted(done)


@pytest.mark.parametrize("at", [OBJECT, TIMESTAMP])
def test_a_crashed_publisher_leaves_no_gap_on_its_own_channel(yard: Yard, at: int) -> None:
    with pytest.raises(Crash):
        yard.publish(target=Faulty(yard.open(), at, before=crash))
    assert channels.next_release(yard.target, yard.staging, yard.root) == 1
    assert yard.publish().release == 1


def test_a_number_claimed_by_another_channel_is_never_used_here(yard: Yard) -> None:
    with pytest.raises(Crash):
        yard.publish(channel=yard.production, target=Faulty(yard.open(), OBJECT, before=crash))
    assert channels.next_release(yard.target, yard.staging, yard.root) == 2
    assert yard.publish().release == 2
    assert yard.publish(channel=yard.production).release == 3, "what others passed is not gone back to"


def test_what_is_told_beforehand_is_what_is_given(yard: Yard) -> None:
    for channel, held in (("a", 0), ("b", 0), ("a", 1), ("a", 7), ("b", 2)):
        told = next_number(yard.target, channel, held)
        assert claim(yard.target, channel, held) == told


def test_a_store_from_before_numbers_were_claimed_goes_on_counting(yard: Yard) -> None:
    yard.publish()
    yard.promote()
    yard.publish(channel=yard.production, commit="b")
    for key in yard.target.list("numbers/"):
        yard.target.remove(key)
    yard.target.put_once("numbers/readme", b"not a number")
    assert yard.publish().release == 3
