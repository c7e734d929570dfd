from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.yards import Yard
from tuf.api.metadata import Metadata, Root

from registry.errors import StoreUnavailable
from registry.publish import keys
from registry.publish.state import moves, read_state
from serve.core.errors import SignatureRefused

FOLDER = "channels/staging/metadata/"


def rewrite(yard: Yard, name: str, change: Callable[[bytes], bytes]) -> None:
    stored = yard.target.read(FOLDER + name)
    assert stored is not None
    yard.target.remove(FOLDER + name)
    yard.target.put_once(FOLDER + name, change(stored.data))


def flip(data: bytes) -> bytes:
    middle = data.index(b'"sig":"') + 20
    return data[:middle] + (b"0" if data[middle : middle + 1] != b"0" else b"1") + data[middle + 1 :]


def next_root(yard: Yard, signed_by: str, **uris: str) -> None:
    """Put version 2 of the root into the store, with other keys for some roles."""
    root: Metadata[Root] = Metadata.from_bytes((yard.root / yard.staging.root).read_bytes())
    for role, uri in uris.items():
        for old in list(root.signed.roles[role].keyids):
            root.signed.revoke_key(old, role)
        root.signed.add_key(keys.create(uri, yard.root), role)
    root.signed.version = 2
    root.sign(keys.load(signed_by, [keys.create(signed_by, yard.root)], yard.root))
    yard.target.put_once(f"{FOLDER}2.root.json", root.to_bytes())


def test_a_channel_without_a_release_has_no_move(yard: Yard) -> None:
    state = read_state(yard.target, yard.staging, yard.root)
    assert state.move is None
    assert list(moves(yard.target, state)) == []


@pytest.mark.parametrize("name", ["timestamp.json", "1.snapshot.json", "1.targets.json"])
def test_one_flipped_digit_in_the_store_stops_the_next_publish(yard: Yard, name: str) -> None:
    yard.publish()
    rewrite(yard, name, flip)
    with pytest.raises(SignatureRefused, match=r"SIG00[14]"):
        yard.publish()


@pytest.mark.parametrize("name", ["1.snapshot.json", "1.targets.json"])
def test_a_document_that_is_named_and_missing_is_told(yard: Yard, name: str) -> None:
    yard.publish()
    yard.target.remove(FOLDER + name)
    with pytest.raises(StoreUnavailable, match=f"STO003 {FOLDER}{name} is named by"):
        yard.publish()


def test_a_forged_step_of_history_is_not_told(yard: Yard) -> None:
    yard.publish()
    yard.publish()
    rewrite(yard, "1.targets.json", flip)
    with pytest.raises(SignatureRefused, match="SIG001"):
        yard.releases()


def test_a_rotated_online_key_is_followed_from_the_first_root(yard: Yard) -> None:
    new = "file:.promptyard/keys/new-online.pem"
    next_root(yard, yard.staging.root_key, snapshot=new, timestamp=new)
    with pytest.raises(Exception, match="KEY003"):
        yard.publish()
    yard.staging = replace(yard.staging, online_key=new)
    done = yard.publish()
    assert yard.seen() == (1, done.sha256)


def test_a_root_that_the_one_before_did_not_sign_is_refused(yard: Yard) -> None:
    next_root(yard, "file:mallory.pem", root="file:mallory.pem")
    with pytest.raises(SignatureRefused, match="SIG001 root metadata"):
        yard.publish()
