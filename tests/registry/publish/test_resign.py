from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from support.yards import Faulty, Yard

from registry.errors import Usage
from registry.publish.renewal import Renewal
from registry.publish.resign import resign
from registry.publish.state import read_state
from registry.publish.target import Target, metadata_key
from serve.core.errors import SignatureRefused
from serve.trust import TIMESTAMP_BYTES

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


def renewal_of(yard: Yard) -> Renewal | None:
    live = read_state(yard.target, yard.staging, yard.root).live
    assert live is not None
    return live.renewal


def test_who_signed_again_and_why_is_signed_along_and_services_pass_over_it(any_yard: Yard) -> None:
    done = any_yard.publish()
    assert renewal_of(any_yard) is None
    for actor, reason in (("ada", "daily"), ("bob", "clocks")):
        any_yard.clock.pass_days(1)
        assert resign(
            any_yard.target,
            any_yard.staging,
            actor=actor,
            reason=reason,
            root=any_yard.root,
            now=any_yard.clock.now,
        )
    at = any_yard.clock.now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    assert renewal_of(any_yard) == Renewal("bob", at, done.commit, 1, 2, 3, "clocks")
    assert any_yard.seen() == (1, done.sha256)
    any_yard.publish()
    assert renewal_of(any_yard) is None


def test_words_that_every_service_would_download_have_a_bound(yard: Yard) -> None:
    yard.publish()
    yard.clock.pass_days(1)
    for words in ({"reason": "x" * 501}, {"actor": "x" * 501}):
        with pytest.raises(Usage, match="PUB026"):
            resign(yard.target, yard.staging, root=yard.root, now=yard.clock.now, **words)
    assert resign(
        yard.target, yard.staging, actor="ä" * 500, reason="𝄞" * 500, root=yard.root, now=yard.clock.now
    )
    stored = yard.target.read(metadata_key("staging", "timestamp"))
    assert stored is not None
    assert len(stored.data) < TIMESTAMP_BYTES


def test_a_note_that_was_changed_breaks_the_signature(yard: Yard) -> None:
    yard.publish()
    yard.clock.pass_days(1)
    resign(yard.target, yard.staging, actor="ada", root=yard.root, now=yard.clock.now)
    key = metadata_key("staging", "timestamp")
    stored = yard.target.read(key)
    assert stored is not None
    yard.target.replace_if(key, stored.data.replace(b'"ada"', b'"eve"'), stored.etag)
    with pytest.raises(SignatureRefused, match="SIG001"):
        read_state(yard.target, yard.staging, yard.root)
