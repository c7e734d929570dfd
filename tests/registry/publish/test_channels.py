"""What can be done to a channel, seen by stock ngclient from the shipped root alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.yards import Faulty, Yard, make, packer
from tuf.api.exceptions import RepositoryError

from registry.errors import PublishConflict, Refused, StoreUnavailable, Usage
from registry.publish import channels
from registry.publish.channels import history, initialise, next_release, open_target


def test_a_published_release_is_what_a_service_finds(any_yard: Yard) -> None:
    done = any_yard.publish()
    assert (done.release, done.version, done.commit, done.changed) == (1, 1, "a", True)
    assert any_yard.seen() == (1, done.sha256)
    again = any_yard.publish()
    assert any_yard.seen() == (2, again.sha256)


def test_a_promotion_keeps_bundle_and_number(any_yard: Yard) -> None:
    any_yard.publish()
    second = any_yard.publish()
    done = any_yard.promote(reason="looks good")
    assert (done.release, done.sha256, done.version) == (2, second.sha256, 1)
    assert any_yard.seen(any_yard.production) == any_yard.seen() == (2, second.sha256)
    (move,) = history(any_yard.target, any_yard.production, root=any_yard.root)
    assert (move.action, move.source, move.was) == ("promote", "staging", None)
    assert (move.actor, move.reason) == ("bob", "looks good")


def test_a_rollback_is_a_higher_version_that_points_at_old_content(any_yard: Yard) -> None:
    first = any_yard.publish()
    any_yard.publish()
    done = any_yard.rollback(1)
    assert (done.release, done.sha256, done.version) == (1, first.sha256, 3)
    assert any_yard.seen() == (1, first.sha256)
    newest = history(any_yard.target, any_yard.staging, root=any_yard.root)[0]
    assert (newest.action, newest.was, newest.reason, newest.actor) == ("rollback", 2, "wrong tone", "eve")
    assert any_yard.publish().release == 3, "a number once used is never given out again"


def test_history_tells_who_when_from_where_and_why(yard: Yard) -> None:
    yard.publish(reason="first words")
    yard.publish(commit="b")
    yard.rollback(1)
    moves = history(yard.target, yard.staging, root=yard.root)
    told = [(m.release, m.was, m.action, m.actor, m.reason, m.commit) for m in moves]
    assert told == [
        (1, 2, "rollback", "eve", "wrong tone", "a"),
        (2, 1, "publish", "ada", "", "b"),
        (1, None, "publish", "ada", "first words", "a"),
    ]
    assert history(yard.target, yard.production, root=yard.root) == ()


def test_a_late_job_cannot_bring_back_an_older_commit(yard: Yard) -> None:
    yard.publish(commit="b")
    with pytest.raises(PublishConflict, match="PUB006 commit a does not descend from b") as caught:
        yard.publish(commit="a")
    assert caught.value.exit_code == 3
    assert yard.releases() == [1]


def test_the_order_is_checked_again_after_a_lost_race(yard: Yard) -> None:
    late = Faulty(yard.open(), 4, before=lambda: (yard.publish(commit="c"), None)[1])
    with pytest.raises(PublishConflict, match="PUB006"):
        yard.publish(commit="b", target=late)
    assert yard.releases() == [1]


def test_a_promotion_does_not_go_back_in_time_either(yard: Yard) -> None:
    yard.publish(commit="a")
    yard.publish(commit="b")
    yard.promote()
    yard.rollback(1)
    with pytest.raises(PublishConflict, match="PUB006"):
        yard.promote()


def test_what_is_live_already_is_left_alone(yard: Yard) -> None:
    yard.publish()
    yard.promote()
    assert not yard.promote().changed
    assert not yard.rollback(1).changed
    assert yard.releases() == yard.releases(yard.production) == [1]


def test_what_another_did_meanwhile_is_not_claimed_as_ones_own(yard: Yard) -> None:
    yard.publish()
    late = Faulty(yard.open(), 2, before=lambda: (yard.promote(), None)[1])
    done = channels.promote(
        late,
        yard.staging,
        yard.production,
        actor="eve",
        descends=lambda *_: True,
        root=yard.root,
        wait=yard.clock.wait,
    )
    assert (done.release, done.changed) == (1, False)
    assert [move.actor for move in history(yard.target, yard.production, root=yard.root)] == ["bob"]


def test_a_rollback_goes_only_to_what_the_channel_held(yard: Yard) -> None:
    yard.publish()
    with pytest.raises(Usage, match="PUB008 release 41 was never live on channel staging"):
        yard.rollback(41)


def test_numbers_rise_over_all_channels(yard: Yard) -> None:
    yard.publish()
    assert yard.publish(channel=yard.production).release == 2
    assert next_release(yard.target, yard.staging, yard.root) == 3
    assert yard.publish().release == 3


def test_an_empty_channel_cannot_be_promoted(yard: Yard) -> None:
    with pytest.raises(Usage, match="PUB007 channel staging has no release"):
        yard.promote()


@pytest.mark.parametrize("harm", ["missing", "flipped"])
def test_a_bundle_that_is_not_there_as_signed_is_never_pointed_at(yard: Yard, harm: str) -> None:
    done = yard.publish()
    key = f"objects/sha256/{done.sha256}"
    stored = yard.target.read(key)
    assert stored is not None
    yard.target.remove(key)
    if harm == "flipped":
        yard.target.put_once(key, stored.data[:-1] + bytes([stored.data[-1] ^ 1]))
    with pytest.raises(Refused, match="PUB009"):
        yard.promote()


def test_a_pack_under_the_wrong_number_is_a_bug_and_publishes_nothing(yard: Yard) -> None:
    with pytest.raises(ValueError, match="packed release 7 instead of 1"):
        channels.publish(
            yard.target,
            yard.staging,
            lambda _: packer("x")(7),
            actor="a",
            descends=lambda *_: True,
            root=yard.root,
        )
    assert yard.releases() == []


def test_beginning_a_channel_twice_changes_nothing(yard: Yard) -> None:
    before = (yard.root / yard.staging.root).read_bytes()
    initialise(yard.target, yard.staging, yard.root)
    assert (yard.root / yard.staging.root).read_bytes() == before


def test_a_clone_without_keys_can_read_but_not_publish(yard: Yard) -> None:
    yard.publish()
    (yard.root / ".promptyard/keys/staging-online.pem").unlink()
    initialise(yard.target, yard.staging, yard.root)
    assert yard.releases() == [1]
    with pytest.raises(Usage, match=r"KEY001 the signing key .*staging-online.pem cannot"):
        yard.publish()


def test_a_store_of_somebody_else_is_not_taken_over(yard: Yard, tmp_path: Path) -> None:
    yard.publish()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(Usage, match="PUB005"):
        initialise(yard.target, yard.staging, elsewhere)
    assert list(elsewhere.iterdir()) == [], "nothing half-written"
    other = make("file:other", elsewhere)
    with pytest.raises(Usage, match="PUB005"):
        initialise(yard.target, other.staging, elsewhere)


def test_a_channel_without_a_root_says_what_to_do(yard: Yard) -> None:
    (yard.root / yard.staging.root).unlink()
    with pytest.raises(Usage, match=r"PUB002 channel staging has no trusted root \(trust/"):
        yard.publish()


def test_an_expired_root_stops_a_publish_before_it_writes(yard: Yard) -> None:
    yard.clock.pass_days(366)
    with pytest.raises(Usage, match="PUB011"):
        yard.publish()


def test_an_expired_timestamp_does_not_stop_the_next_publish(yard: Yard) -> None:
    yard.clock.pass_days(-10)
    yard.publish()
    with pytest.raises(RepositoryError):
        yard.seen()
    yard.clock.pass_days(10)
    done = yard.publish()
    assert yard.seen() == (2, done.sha256)


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file in the way")
    with pytest.raises(StoreUnavailable, match="STO001"):
        make("file:store", tmp_path)
    assert not (tmp_path / ".promptyard").exists()


def test_another_channels_broken_metadata_stops_no_publish_and_doubles_no_number(yard: Yard) -> None:
    assert yard.publish(channel=yard.production).release == 1
    stored = yard.target.read("channels/production/metadata/timestamp.json")
    assert stored is not None
    yard.target.replace_if("channels/production/metadata/timestamp.json", b"{}", stored.etag)
    assert yard.publish().release == 2


@pytest.mark.parametrize("name", [".DS_Store", "Old Backup", "x" * 80])
def test_a_folder_that_is_no_channel_stops_no_publish(yard: Yard, name: str) -> None:
    yard.target.put_once(f"channels/{name}/metadata/timestamp.json", b"{}")
    assert yard.publish().release == 1


def test_a_channel_is_not_promoted_to_itself(yard: Yard) -> None:
    yard.publish()
    with pytest.raises(Usage, match="PUB015 channel staging cannot be promoted to itself"):
        channels.promote(
            yard.target, yard.staging, yard.staging, actor="bob", descends=lambda *_: True, root=yard.root
        )


def test_a_key_of_another_channel_does_not_sign(yard: Yard) -> None:
    mixed = replace(yard.staging, targets_key=yard.production.targets_key)
    with pytest.raises(Usage, match="KEY003"):
        yard.publish(channel=mixed)


def test_a_store_opens_by_its_url_without_being_touched(tmp_path: Path) -> None:
    open_target("file:store", tmp_path)
    assert list(tmp_path.iterdir()) == []
