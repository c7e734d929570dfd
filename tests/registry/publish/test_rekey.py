"""A new root for everybody: rotation, revocation, recovery, crashes and races, on real stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.yards import Crash, Faulty, Yard, crash
from tuf.api.metadata import Metadata, Root

from registry.errors import PublishConflict, Refused, Usage
from registry.publish import ceremony, channels, keys, metadata, rekey, roots
from registry.publish.canary import stage
from registry.publish.rekey import Rekeyed
from registry.publish.resign import resign
from registry.publish.state import read_state
from registry.publish.target import Target, metadata_key
from serve.core.errors import SignatureRefused


class Keyed:
    """A yard whose channel ``staging`` gets new keys."""

    def __init__(self, yard: Yard) -> None:
        self.yard, self.count = yard, 1

    def change(self, how: Callable[[Root], object]) -> None:
        """A whole ceremony; the store hears nothing of it yet."""
        yard = self.yard
        ceremony.change(yard.staging, lambda it: (how(it), None)[1], yard.clock.now(), yard.root)
        assert ceremony.sign(yard.staging, yard.staging.root_key, yard.root).complete

    def new_key(self, role: str) -> str:
        """A file key, named in the settings from now on."""
        self.count += 1
        uri = f"file:keys/{role}-{self.count}.pem"
        self.yard.staging = replace(self.yard.staging, **{f"{role}_key": uri})
        return uri

    def rotate(self, role: str) -> None:
        public = keys.create(self.new_key(role), self.yard.root)
        self.change(lambda it: roots.replace_key(it, role, public))  # type: ignore[arg-type]

    def revoke(self, role: str) -> None:
        current = metadata.read_root((self.yard.root / self.yard.staging.root).read_bytes())
        held = roots.holders(current, role)[0]  # type: ignore[arg-type]
        public = keys.create(self.new_key(role), self.yard.root)
        self.change(lambda it: roots.revoke(it, held.id, "stolen", public))

    def publish(self, *, target: Target | None = None, keep: int | None = None) -> Rekeyed:
        yard = self.yard
        return rekey.publish_root(
            target or yard.target, yard.staging, actor="ada", keep=keep, root=yard.root,
            now=yard.clock.now, wait=yard.clock.wait,
        )  # fmt: skip

    def seen_from_the_start(self) -> tuple[int, str]:
        """What a service sees that ships version 1 of the root."""
        first = self.yard.root / "first.json"
        stored = self.yard.target.read(metadata_key("staging", "root", 1))
        assert stored is not None
        first.write_bytes(stored.data)
        return self.yard.seen(replace(self.yard.staging, root="first.json"))


@pytest.fixture
def keyed(yard: Yard) -> Keyed:
    return Keyed(yard)


@pytest.mark.parametrize("role", ["online", "targets"])
def test_a_rotated_key_signs_what_is_live_and_services_follow(any_yard: Yard, role: str) -> None:
    keyed = Keyed(any_yard)
    done = [any_yard.publish().release for _ in range(3)]
    sha256 = any_yard.seen()[1]
    keyed.rotate(role)
    found = keyed.publish()
    assert (found.version, found.placed, found.signed_again) == (2, (2,), True)
    assert keyed.seen_from_the_start() == any_yard.seen() == (done[-1], sha256)
    assert any_yard.publish().release == done[-1] + 1
    assert keyed.seen_from_the_start()[0] == done[-1] + 1


def test_history_reaches_back_before_a_rotation(keyed: Keyed) -> None:
    yard = keyed.yard
    first = yard.publish().release
    keyed.rotate("targets")
    keyed.publish()
    second = yard.publish().release
    keyed.rotate("targets")
    keyed.rotate("online")
    keyed.publish()
    told = channels.history(yard.target, yard.staging, root=yard.root)
    assert [(move.release, move.action) for move in told] == [
        (second, "rekey"), (second, "publish"), (first, "rekey"), (first, "publish"),
    ]  # fmt: skip
    assert (told[0].actor, told[0].reason) == ("ada", "root 4")
    assert yard.rollback(first).release == first
    assert keyed.seen_from_the_start()[0] == first


def test_a_root_key_alone_needs_nothing_signed_again(keyed: Keyed) -> None:
    keyed.yard.publish()
    old = keyed.yard.staging.root_key
    public = keys.create("file:keys/root-2.pem", keyed.yard.root)
    ceremony.change(
        keyed.yard.staging,
        lambda it: roots.replace_key(it, "root", public),
        keyed.yard.clock.now(),
        keyed.yard.root,
    )
    ceremony.sign(keyed.yard.staging, old, keyed.yard.root)
    assert ceremony.sign(keyed.yard.staging, "file:keys/root-2.pem", keyed.yard.root).complete
    for name in ("targets", "online"):
        (keyed.yard.root / f".promptyard/keys/staging-{name}.pem").rename(keyed.yard.root / name)
    found = keyed.publish()
    assert (found.placed, found.signed_again) == ((2,), False)
    assert keyed.publish().placed == ()


def test_nothing_is_written_with_keys_that_the_root_does_not_name(keyed: Keyed) -> None:
    keyed.yard.publish()
    before = keyed.yard.staging
    keyed.rotate("online")
    keyed.yard.staging, named = before, keyed.yard.staging
    with pytest.raises(Usage, match="KEY003"):
        keyed.publish()
    assert keyed.yard.target.read(metadata_key("staging", "root", 2)) is None
    keyed.yard.staging = named
    assert keyed.publish().signed_again


def test_a_merged_root_that_was_not_published_says_what_to_run(keyed: Keyed) -> None:
    keyed.yard.publish()
    keyed.rotate("online")
    with pytest.raises(Usage, match=r"KEY015 root 2 .* Run promptyard keys publish staging"):
        keyed.yard.publish()
    with pytest.raises(Refused, match=r"KEY011 .* Run promptyard keys publish staging"):
        read_state(keyed.yard.target, keyed.yard.staging, keyed.yard.root)


@pytest.mark.parametrize("at", range(5))
def test_a_crash_between_any_two_writes_is_mended_by_running_it_again(keyed: Keyed, at: int) -> None:
    release = keyed.yard.publish().release
    keyed.rotate("targets")
    keyed.rotate("online")
    unlucky = Faulty(keyed.yard.target, at, before=crash)
    with pytest.raises(Crash):
        keyed.publish(target=unlucky)  # type: ignore[arg-type]
    found = keyed.publish()
    assert found.signed_again
    assert keyed.seen_from_the_start()[0] == release
    assert keyed.yard.publish().release == release + 1


def test_a_publisher_with_the_old_key_that_was_on_its_way_is_signed_again(keyed: Keyed) -> None:
    keyed.yard.publish()
    old = keyed.yard.staging
    trusted = (keyed.yard.root / old.root).read_bytes()

    def late() -> None:
        """Another publisher that read the state before the root came, and swings the timestamp now."""
        root = keyed.yard.root / "late"
        (root / "trust").mkdir(parents=True)
        (root / old.root).write_bytes(trusted)
        (root / ".promptyard").symlink_to(keyed.yard.root / ".promptyard")
        channels.publish(
            keyed.yard.target, old, _packer(), actor="late", descends=lambda *_: True, root=root,
            now=keyed.yard.clock.now, wait=keyed.yard.clock.wait,
        )  # fmt: skip

    keyed.rotate("online")
    found = keyed.publish(target=Faulty(keyed.yard.target, 0, before=late))  # type: ignore[arg-type]
    assert found.live is not None
    assert keyed.seen_from_the_start()[0] == found.live.release == 2


def _packer() -> channels.Pack:
    from support.yards import packer

    return packer("from a late publisher")


def test_a_root_of_the_same_number_by_another_ceremony_is_a_conflict(keyed: Keyed) -> None:
    keyed.yard.publish()
    keyed.rotate("online")
    other = Metadata[Root].from_bytes((keyed.yard.root / keyed.yard.staging.root).read_bytes())
    other.signed.unrecognized_fields["x"] = 1
    other.sign(
        keys.load(keyed.yard.staging.root_key, metadata.role_keys(other.signed, "root"), keyed.yard.root)
    )
    keyed.yard.target.put_once(metadata_key("staging", "root", 2), other.to_bytes())
    with pytest.raises(PublishConflict, match="KEY016 the store holds another root 2"):
        keyed.publish()


def test_earlier_roots_that_are_nowhere_are_asked_for(keyed: Keyed) -> None:
    keyed.rotate("online")
    keyed.publish()
    (keyed.yard.root / "trust/staging.1.root.json").unlink()
    empty = channels.open_target("file:elsewhere", keyed.yard.root)
    with pytest.raises(Usage, match="KEY013 the store lacks root 1"):
        keyed.publish(target=empty)


def test_a_lost_store_gets_all_roots_back(keyed: Keyed) -> None:
    keyed.rotate("online")
    empty = channels.open_target("file:elsewhere", keyed.yard.root)
    assert keyed.publish(target=empty).placed == (1, 2)


# Revocation.


def test_after_a_revocation_somebody_says_which_release_they_know(keyed: Keyed) -> None:
    release = keyed.yard.publish().release
    keyed.revoke("targets")
    with pytest.raises(
        Usage, match=rf"KEY014 release {release} is live on staging, and a revoked key signed for it"
    ):
        keyed.publish()
    assert keyed.yard.target.read(metadata_key("staging", "root", 2)) is None
    assert keyed.publish(keep=release).signed_again
    assert keyed.seen_from_the_start()[0] == release


def test_an_earlier_release_can_be_the_one_that_is_known(keyed: Keyed) -> None:
    known, forged = keyed.yard.publish().release, keyed.yard.publish("forged").release
    keyed.revoke("targets")
    with pytest.raises(Usage, match="KEY014 release 77 is not what is live"):
        keyed.publish(keep=77)
    found = keyed.publish(keep=known)
    assert found.live is not None
    assert (found.live.release, found.live.was) == (known, forged)
    assert keyed.seen_from_the_start()[0] == known
    assert keyed.yard.publish().release == forged + 1


def test_history_ends_where_a_revoked_key_signed(keyed: Keyed) -> None:
    yard = keyed.yard
    first, second = yard.publish().release, yard.publish().release
    keyed.revoke("targets")
    keyed.publish(keep=second)
    third = yard.publish().release
    assert yard.releases() == [second, third]
    with pytest.raises(Usage, match="PUB008"):
        yard.rollback(first)


def test_what_was_tampered_with_is_still_an_error_in_history(keyed: Keyed) -> None:
    yard = keyed.yard
    yard.publish()
    keyed.revoke("online")
    keyed.publish(keep=1)
    key = metadata_key("staging", "targets", 1)
    path = yard.root / "store" / key
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"ada"', b'"eve"'))
    with pytest.raises(SignatureRefused, match="SIG001"):
        channels.history(yard.target, yard.staging, root=yard.root)


def test_versions_that_a_thief_drove_up_start_anew(keyed: Keyed) -> None:
    yard = keyed.yard
    release = yard.publish().release
    state = read_state(yard.target, yard.staging, yard.root)
    assert state.live is not None
    stolen = keys.load(yard.staging.online_key, metadata.role_keys(state.root, "timestamp"), yard.root)
    far = 10**9
    snapshot = metadata.snapshot(far, 1, state.live.targets, stolen, yard.clock.now())
    yard.target.put_once(metadata_key("staging", "snapshot", far), snapshot)
    timestamp = metadata.timestamp(far, far, snapshot, stolen, yard.clock.now())
    yard.target.replace_if(metadata_key("staging", "timestamp"), timestamp, state.live.etag)
    keyed.revoke("online")
    keyed.publish(keep=release)
    after = read_state(yard.target, yard.staging, yard.root).live
    assert after is not None
    assert (after.timestamp_version, after.snapshot_version) == (1, 2)
    assert keyed.seen_from_the_start()[0] == release
    assert yard.publish().release == release + 1
    assert keyed.seen_from_the_start()[0] == release + 1


def test_the_daily_signature_goes_on_with_the_new_key(keyed: Keyed) -> None:
    yard = keyed.yard
    yard.publish()
    keyed.rotate("online")
    keyed.publish()
    yard.clock.pass_days(2)
    assert resign(yard.target, yard.staging, root=yard.root, now=yard.clock.now)
    assert keyed.seen_from_the_start()[0] == 1


def test_an_expired_root_is_renewed(keyed: Keyed) -> None:
    yard = keyed.yard
    yard.publish()
    yard.clock.pass_days(366)
    with pytest.raises(Usage, match=r"PUB011 .* promptyard keys rotate staging"):
        yard.publish()
    keyed.change(lambda _: None)
    keyed.publish()
    assert yard.publish().release == 2


def test_a_rollout_outlives_a_rotation_and_no_theft(keyed: Keyed) -> None:
    yard = keyed.yard
    yard.publish()
    yard.publish(channel=yard.production)
    given = {"root": yard.root, "now": yard.clock.now, "wait": yard.clock.wait, "actor": "bob"}
    stage(yard.target, yard.production, yard.staging, 10, descends=lambda *_: True, **given)
    keyed.rotate("targets")
    keyed.publish()
    move = channels.current(yard.target, yard.staging, root=yard.root)
    assert move is not None
    assert (move.action, move.release, move.canary and move.canary.percent) == ("rekey", 1, 10)
    keyed.revoke("targets")
    keyed.publish(keep=1)
    move = channels.current(yard.target, yard.staging, root=yard.root)
    assert move is not None
    assert (move.release, move.canary) == (1, None), "a thief may have sent it on its way"
