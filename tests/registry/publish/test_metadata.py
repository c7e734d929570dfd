from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from securesystemslib.signer import Signature
from tuf.api.metadata import MetaFile

from registry.publish import keys, metadata
from registry.publish.moves import Move
from serve.core.errors import PromptyardError, SignatureRefused

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MOVE = Move(
    release=1, sha256="ab" * 32, size_bytes=9, commit="c", content_sha256="cd", action="publish", actor="ada",
    reason="", at="2026-11-21T00:00:00Z", highest=1, version=1,
)  # fmt: skip


class Documents:
    def __init__(self, folder: Path) -> None:
        names = ("root", "targets", "online")
        public = {name: keys.create(f"file:{name}.pem", folder) for name in names}
        self.signers = {name: keys.load(f"file:{name}.pem", [public[name]], folder) for name in names}
        self.root = metadata.first_root(self.signers["root"], public["targets"], public["online"], NOW)
        self.targets = metadata.targets(MOVE, self.signers["targets"], NOW)
        self.snapshot = metadata.snapshot(1, 1, self.targets, self.signers["online"], NOW)
        self.timestamp = metadata.timestamp(1, 1, self.snapshot, self.signers["online"], NOW)


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path)


def read_all(root: bytes, timestamp: bytes, snapshot: bytes, targets: bytes) -> Move:
    trusted = metadata.read_root(root)
    pinned = metadata.read_timestamp(trusted, timestamp).snapshot_meta
    named = metadata.read_snapshot(trusted, snapshot, pinned).meta["targets.json"]
    return metadata.read_move(trusted, targets, named)[0]


def test_what_was_signed_reads_back(documents: Documents) -> None:
    assert read_all(documents.root, documents.timestamp, documents.snapshot, documents.targets) == MOVE


def test_equal_input_gives_equal_bytes(documents: Documents) -> None:
    assert metadata.targets(MOVE, documents.signers["targets"], NOW) == documents.targets


@pytest.mark.parametrize("which", ["root", "timestamp", "snapshot", "targets"])
def test_one_flipped_bit_anywhere_is_refused(documents: Documents, which: str) -> None:
    whole = {name: getattr(documents, name) for name in ("root", "timestamp", "snapshot", "targets")}
    data = whole[which]
    for place in range(0, len(data), 11):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        if json.dumps(_json(flipped)) == json.dumps(_json(data)):
            continue  # white space: the same document
        with pytest.raises(SignatureRefused, match="SIG00"):
            read_all(**{**whole, which: flipped})


def test_a_document_signed_by_the_wrong_role_is_refused(documents: Documents) -> None:
    root = metadata.read_root(documents.root)
    forged = metadata.timestamp(9, 1, documents.snapshot, documents.signers["targets"], NOW)
    with pytest.raises(SignatureRefused, match="SIG001 timestamp metadata lacks a valid signature"):
        metadata.read_timestamp(root, forged)


def test_a_document_of_another_kind_is_refused(documents: Documents) -> None:
    root = metadata.read_root(documents.root)
    with pytest.raises(SignatureRefused, match="SIG005"):
        metadata.read_timestamp(root, documents.snapshot)


def test_another_version_than_the_pinned_is_refused(documents: Documents) -> None:
    root = metadata.read_root(documents.root)
    with pytest.raises(SignatureRefused, match="SIG002 targets metadata has version 1 instead of 2"):
        metadata.read_move(root, documents.targets, MetaFile(2))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b'{"signed": {"_type": "root"}}'])
def test_what_is_no_metadata_is_refused(documents: Documents, data: bytes) -> None:
    root = metadata.read_root(documents.root)
    for read in (metadata.read_root, metadata.claimed_pin, metadata.claimed_highest):
        with pytest.raises(SignatureRefused, match="SIG005"):
            read(data)
    with pytest.raises(SignatureRefused, match="SIG005"):
        metadata.read_timestamp(root, data)


def test_a_key_service_that_does_not_answer_is_an_environment_error(documents: Documents) -> None:
    class Away(type(documents.signers["online"])):  # type: ignore[misc]  # whatever the loaded signer's class is
        def sign(self, payload: bytes) -> Signature:
            raise ConnectionError("no answer")

    signer = documents.signers["online"]
    signer.__class__ = Away
    with pytest.raises(PromptyardError, match="KEY004 the timestamp document could not be signed") as caught:
        metadata.timestamp(1, 1, documents.snapshot, signer, NOW)
    assert caught.value.exit_code == 4


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        return data.hex()
