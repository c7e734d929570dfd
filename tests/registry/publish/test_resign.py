from __future__ import annotations

from datetime import timedelta

import pytest
from support.yards import Faulty, Yard

from registry.errors import Usage
from registry.publish.resign import resign
from registry.publish.state import read_state
from registry.publish.target import Target

DAY = timedelta(days=1)


def again(yard: Yard, target: Target | None = None, **more: timedelta) -> bool:
    return resign(target or yard.target, yard.staging, root=yard.root, now=yard.clock.now, **more)


def versions(yard: Yard) -> tuple[int, int, int]:
    live = read_state(yard.target, yard.staging, yard.root).live
    assert live is not None
    return live.timestamp_version, live.snapshot_version, live.move.version


def test_a_later_expiry_changes_nothing_else(any_yard: Yard) -> None:
    done = any_yard.publish()
    any_yard.clock.pass_days(1)
    assert again(any_yard)
    assert versions(any_yard) == (2, 1, 1)
    assert any_yard.seen() == (1, done.sha256)
    assert any_yard.releases() == [1]


def test_a_young_signature_is_left_alone(yard: Yard) -> None:
    yard.publish()
    yard.clock.pass_days(0.5)
    assert not again(yard, older_than=DAY)
    yard.clock.pass_days(0.6)
    assert again(yard, older_than=DAY)
    assert not again(yard, older_than=DAY)


def test_the_online_key_alone_is_enough_even_when_the_snapshot_grows_old(yard: Yard) -> None:
    yard.clock.pass_days(-20)
    done = yard.publish()
    yard.clock.pass_days(20)
    for name in ("root", "targets"):
        (yard.root / f".promptyard/keys/staging-{name}.pem").unlink()
    assert again(yard)
    assert versions(yard) == (2, 2, 1)
    assert yard.seen() == (1, done.sha256)


def test_a_publish_after_a_new_snapshot_takes_the_next_number(yard: Yard) -> None:
    yard.clock.pass_days(-20)
    yard.publish()
    yard.clock.pass_days(20)
    again(yard)
    assert yard.publish().version == 3
    assert yard.releases() == [1, 2]


def test_a_publish_in_the_same_moment_counts_as_a_signature(yard: Yard) -> None:
    yard.publish()
    busy = Faulty(yard.target, 0, before=lambda: (yard.publish(), None)[1])
    assert not again(yard, busy)  # type: ignore[arg-type]  # it passes everything else on
    assert yard.releases() == [1, 2]


def test_an_empty_channel_has_nothing_to_sign(yard: Yard) -> None:
    with pytest.raises(Usage, match="PUB007"):
        again(yard)
