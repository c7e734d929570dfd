"""Verification alone: roots that rotate, chains from disk, and metadata that lies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from securesystemslib.signer import CryptoSigner
from support.bundles import bundle
from tuf.api.metadata import Metadata, Root, Snapshot, Timestamp

from registry.publish import metadata
from serve.core.errors import SignatureRefused, Unavailable, Usage
from serve.trust import Trust


def reader(yard, asked=None):
    def read(path, max_bytes):
        if asked is not None:
            asked.append(path.rpartition("/")[2])
        file = yard.folder / path
        return file.read_bytes() if file.exists() else None

    return read


def rotate(yard, *, by=None):
    """Root version 2 with a new online key; returns the old online key."""
    old, yard.online = yard.online, CryptoSigner.generate_ed25519()
    document = Metadata[Root].from_bytes(yard.root)
    document.signed.version = 2
    for role in (Snapshot.type, Timestamp.type):
        document.signed.revoke_key(old.public_key.keyid, role)
        document.signed.add_key(yard.online.public_key, role)
    document.sign(by or yard.signer)
    (yard.metadata / "2.root.json").write_bytes(document.to_bytes())
    return old


@pytest.fixture
def trust(yard):
    return Trust(yard.root, "production")


def test_the_timestamp_that_was_handed_over_is_not_fetched_again(yard, trust):
    yard.publish(bundle(release=5))
    asked = []
    verified = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard, asked))
    assert (verified.release, verified.sha256) == (5, yard.object().name)
    assert asked == ["2.root.json", "1.snapshot.json", "1.targets.json"]
    assert timedelta(days=6) < datetime.fromtimestamp(verified.expires_at, UTC) - datetime.now(UTC)


def test_a_kept_chain_verifies_without_a_store(yard, trust):
    yard.publish(bundle(release=5))
    verified = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard))
    assert trust.verify(verified.chain) == verified


def test_a_rotated_key_is_learnt_through_the_root_and_kept_in_the_chain(yard, trust):
    yard.publish(bundle(release=1))
    held = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain
    rotate(yard)
    yard.sign()
    verified = trust.refresh(held, yard.timestamp.read_bytes(), reader(yard))
    assert len(verified.chain.roots) == 1
    assert trust.verify(verified.chain, held) == verified
    yard.sign()
    asked = []
    trust.refresh(verified.chain, yard.timestamp.read_bytes(), reader(yard, asked))
    assert "2.root.json" not in asked


def test_a_version_driven_up_by_a_stolen_key_is_recovered_from_by_a_new_root(yard, trust):
    yard.version = 1_000_000_000
    yard.publish(bundle(release=1))
    held = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain
    stolen = rotate(yard)
    yard.version = 1
    yard.sign()
    verified = trust.refresh(held, yard.timestamp.read_bytes(), reader(yard))
    assert verified.version == 2
    assert trust.verify(verified.chain, held).version == 2
    yard.online = stolen
    yard.sign()
    with pytest.raises(SignatureRefused, match="SIG001"):
        trust.refresh(verified.chain, yard.timestamp.read_bytes(), reader(yard))


def test_a_new_root_that_the_old_one_did_not_sign_is_refused(yard, trust):
    yard.publish(bundle(release=1))
    rotate(yard, by=CryptoSigner.generate_ed25519())
    yard.sign()
    with pytest.raises(SignatureRefused, match="SIG001"):
        trust.refresh(None, yard.timestamp.read_bytes(), reader(yard))


def test_a_service_that_ships_a_newer_root_can_use_an_older_cache(yard, trust):
    yard.publish(bundle(release=1))
    held = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain
    rotate(yard)
    yard.sign()
    newer = Trust((yard.metadata / "2.root.json").read_bytes(), "production")
    verified = newer.refresh(held, yard.timestamp.read_bytes(), reader(yard))
    assert verified.chain.roots == ()
    assert verified.version == 2


def test_a_chain_older_than_the_held_one_is_refused(yard, trust):
    chains = []
    for _ in range(2):
        yard.publish(bundle(release=1))
        chains.append(trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain)
    with pytest.raises(SignatureRefused, match="SIG002"):
        trust.verify(chains[0], chains[1])


def test_parts_of_two_chains_do_not_make_one(yard, trust):
    chains = []
    for number in (1, 2):
        yard.publish(bundle(release=number))
        chains.append(trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain)
    mixed = type(chains[0])((), chains[1].timestamp, chains[1].snapshot, chains[0].targets)
    with pytest.raises(SignatureRefused, match="SIG004"):
        trust.verify(mixed)


def test_a_named_file_that_is_not_there_yet_is_waited_for(yard, trust):
    yard.publish(bundle(release=1))
    (yard.metadata / "1.targets.json").unlink()
    with pytest.raises(Unavailable, match="SIG007"):
        trust.refresh(None, yard.timestamp.read_bytes(), reader(yard))


def test_what_the_store_says_when_it_fails_is_passed_on(yard, trust):
    yard.publish(bundle(release=1))

    def read(path, max_bytes):
        raise Unavailable("SRC001", "away", "Wait.")

    with pytest.raises(Unavailable, match="SRC001"):
        trust.refresh(None, yard.timestamp.read_bytes(), read)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"\xff", b'{"signed": {"_type": "timestamp"}, "signatures": []}']
)
def test_a_timestamp_that_is_none_is_refused(yard, trust, data):
    with pytest.raises(SignatureRefused, match="SIG005"):
        trust.refresh(None, data, reader(yard))


def test_targets_that_name_no_release_are_refused(yard, trust, monkeypatch):
    monkeypatch.setattr(metadata, "TARGET", "canary")
    yard.publish(bundle(release=1))
    with pytest.raises(SignatureRefused, match="SIG006"):
        trust.refresh(None, yard.timestamp.read_bytes(), reader(yard))


def test_a_root_that_is_none_is_a_configuration_error(yard):
    yard.publish(bundle(release=1))
    for data in (b"", b"{}", yard.timestamp.read_bytes()):
        with pytest.raises(Usage, match="TRU001"):
            Trust(data, "production")


def test_without_any_folder_to_work_in_it_says_what_to_set(yard, trust, monkeypatch):
    yard.publish(bundle(release=1))
    monkeypatch.setattr("tempfile.tempdir", str(yard.folder / "none"))
    monkeypatch.setattr("serve.trust._MEMORY", str(yard.folder / "none"))
    with pytest.raises(Unavailable, match="TRU002"):
        trust.refresh(None, yard.timestamp.read_bytes(), reader(yard))


def test_a_service_that_ships_a_newer_root_still_starts_from_an_older_cache(yard, trust):
    yard.publish(bundle(release=1))
    rotate(yard)
    yard.sign()
    kept = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain
    upgraded = Trust((yard.metadata / "2.root.json").read_bytes(), "production")
    assert upgraded.verify(kept).release == 1
    assert upgraded.refresh(kept, yard.timestamp.read_bytes(), reader(yard)).release == 1


class Notes:
    """A place to keep what was seen, that may be full."""

    def __init__(self, *, full=False):
        self.data, self.full = None, full

    def recall(self):
        return self.data

    def note(self, data):
        if not self.full:
            self.data = data
        return not self.full


@pytest.mark.parametrize("full", [False, True])
def test_a_revocation_that_was_seen_half_way_counts_from_then_on(yard, full):
    """In the same process, and in the next one where the note could be kept."""
    yard.publish(bundle(release=1))
    notes = Notes(full=full)
    trust = Trust(yard.root, "production", notes)
    held = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain
    stolen = rotate(yard)
    yard.sign()
    (yard.metadata / "2.snapshot.json").rename(yard.metadata / "hidden")
    with pytest.raises(Unavailable, match="SIG007"):
        trust.refresh(held, yard.timestamp.read_bytes(), reader(yard))
    (yard.metadata / "2.root.json").unlink()
    yard.online = stolen
    yard.sign()
    next_process = trust if full else Trust(yard.root, "production", notes)
    with pytest.raises(SignatureRefused, match="SIG001"):
        next_process.refresh(held, yard.timestamp.read_bytes(), reader(yard))
    assert trust.verify(held).release == 1


def test_a_note_that_is_older_than_what_is_held_takes_nothing_back(yard):
    notes = Notes()
    trust = Trust(yard.root, "production", notes)
    yard.publish(bundle(release=1))
    trust.refresh(None, yard.timestamp.read_bytes(), reader(yard))
    old, first = notes.data, yard.timestamp.read_bytes()
    yard.publish(bundle(release=2))
    held = trust.refresh(None, yard.timestamp.read_bytes(), reader(yard)).chain
    notes.data = old
    with pytest.raises(SignatureRefused, match="SIG002"):
        Trust(yard.root, "production", notes).refresh(held, first, reader(yard))
