"""The four TUF documents of a channel: built and signed here, read and verified here.

Expiry is an alarm and no outage: timestamp 7 days, snapshot 30 days, targets and root a year.
It must never return a document whose signature was not checked.

Source: The Update Framework specification 1.0, sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key, Signer
from tuf.api.exceptions import LengthOrHashMismatchError, RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from registry.errors import Unavailable, Usage
from registry.publish.moves import Canary, Move, canary_from_custom, canary_to_custom, from_custom, to_custom
from registry.publish.renewal import Renewal, to_field
from serve.core.errors import SignatureRefused
from serve.core.model import Json

TARGET = "stable"
CANARY = "canary"
TIMESTAMP_DAYS, SNAPSHOT_DAYS, TARGETS_DAYS, ROOT_DAYS = 7, 30, 365, 365
_HOSTILE = "Nothing was published; check who can write to the store."
S = TypeVar("S", Root, Targets, Snapshot, Timestamp)


def first_root(root: Signer, targets: Key, online: Key, now: datetime) -> bytes:
    """Version 1 of a channel's root, signed: a root key, a targets key, and one online key for the rest."""
    document = Root(version=1, expires=now + timedelta(days=ROOT_DAYS))
    document.add_key(root.public_key, Root.type)
    document.add_key(targets, Targets.type)
    document.add_key(online, Snapshot.type)
    document.add_key(online, Timestamp.type)
    return _signed(document, root)


def targets(move: Move, signer: Signer, now: datetime) -> bytes:
    """The targets document of ``move.version``: ``stable`` points at the move's bundle, ``canary`` at its canary's."""
    named = {TARGET: _pointer(TARGET, move, to_custom(move))}
    if move.canary is not None:
        named[CANARY] = _pointer(CANARY, move.canary, canary_to_custom(move.canary))
    document = Targets(move.version, expires=now + timedelta(days=TARGETS_DAYS), targets=named)
    return _signed(document, signer)


def snapshot(version: int, targets_version: int, targets_data: bytes, signer: Signer, now: datetime) -> bytes:
    """The snapshot document that pins one targets document by version, length and digest."""
    meta = {"targets.json": MetaFile.from_data(targets_version, targets_data, ["sha256"])}
    return _signed(Snapshot(version, expires=now + timedelta(days=SNAPSHOT_DAYS), meta=meta), signer)


def timestamp(
    version: int,
    snapshot_version: int,
    snapshot_data: bytes,
    signer: Signer,
    now: datetime,
    renewal: Renewal | None = None,
) -> bytes:
    """The timestamp document that pins one snapshot document by version, length and digest."""
    meta = MetaFile.from_data(snapshot_version, snapshot_data, ["sha256"])
    fields = to_field(renewal) if renewal is not None else None
    expires = now + timedelta(days=TIMESTAMP_DAYS)
    document = Timestamp(version, expires=expires, snapshot_meta=meta, unrecognized_fields=fields)
    return _signed(document, signer)


def read_root(data: bytes, before: Root | None = None) -> Root:
    """A root signed by itself and, unless it is where trust begins, by the version before it.

    Raises:
        SignatureRefused: SIG001 not signed, SIG002 not the next version, SIG005 not a root.
    """
    with _translated("root"):
        metadata = _parse(Root, data)
        if before is not None:
            before.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
            _same_version("root", metadata.signed.version, before.version + 1)
        metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
        return metadata.signed


def read_timestamp(root: Root, data: bytes) -> Timestamp:
    """A verified timestamp; its expiry is the caller's to judge. Raises SignatureRefused: SIG001, SIG005."""
    with _translated("timestamp"):
        return _delegate(Timestamp, root, data)


def read_snapshot(root: Root, data: bytes, pinned: MetaFile) -> Snapshot:
    """A verified snapshot that is the one pinned. Raises SignatureRefused: SIG001, SIG002, SIG004, SIG005."""
    with _translated("snapshot"):
        pinned.verify_length_and_hashes(data)
        document = _delegate(Snapshot, root, data)
        _same_version("snapshot", document.version, pinned.version)
        return document


def read_move(root: Root, data: bytes, pinned: MetaFile) -> tuple[Move, datetime]:
    """The move of a verified targets document, and its expiry. Raises SignatureRefused: SIG001 to SIG006."""
    with _translated("targets"):
        pinned.verify_length_and_hashes(data)
        document = _delegate(Targets, root, data)
        _same_version("targets", document.version, pinned.version)
        return _move(document), document.expires


def claimed_pin(data: bytes) -> int:
    """The version that a foreign channel's timestamp or snapshot claims to pin, unverified."""
    with _translated("a channel's metadata"):
        document = Metadata[Any].from_bytes(data).signed
        pinned = document.meta["targets.json"] if isinstance(document, Snapshot) else document.snapshot_meta
        return int(pinned.version)


def claimed_highest(data: bytes) -> int:
    """The highest release number that a foreign channel's targets document claims, unverified."""
    with _translated("a channel's metadata"):
        return _move(Metadata[Targets].from_bytes(data).signed).highest


def role_keys(root: Root, role: str) -> tuple[Key, ...]:
    """The public keys that a root trusts for a role."""
    return tuple(root.keys[name] for name in root.roles[role].keyids)


def _pointer(name: str, to: Move | Canary, custom: dict[str, Json]) -> TargetFile:
    return TargetFile(to.size_bytes, {"sha256": to.sha256}, name, {"custom": custom})


def _move(document: Targets) -> Move:
    target = document.targets.get(TARGET)
    if target is None or not isinstance(target.custom, dict):
        raise ValueError("no stable target")
    digest = target.hashes["sha256"]
    move = from_custom(target.custom, sha256=digest, size_bytes=target.length, version=document.version)
    return replace(move, canary=_canary(document.targets.get(CANARY)))


def _canary(target: TargetFile | None) -> Canary | None:
    if target is None:
        return None
    if not isinstance(target.custom, dict):
        raise ValueError("a canary target without its percent")  # noqa: TRY004  # the document's fault
    return canary_from_custom(target.custom, sha256=target.hashes["sha256"], size_bytes=target.length)


def _signed(document: S, signer: Signer) -> bytes:
    metadata = Metadata[S](document)
    try:
        metadata.sign(signer)
    except UnsignedMetadataError as error:
        raise Unavailable(
            "KEY004",
            f"the {document.type} document could not be signed",
            "Check that the key service can be reached.",
        ) from error
    try:
        signer.public_key.verify_signature(
            metadata.signatures[signer.public_key.keyid], metadata.signed_bytes
        )
    except (
        UnverifiedSignatureError,
        KeyError,
    ) as error:  # a key service may hold another key than the root says
        what = f"the key service signed the {document.type} document with another key than the root trusts"
        raise Usage("KEY003", what, "Check which key and version the URI names.") from error
    return metadata.to_bytes()


def _delegate(role: type[S], root: Root, data: bytes) -> S:
    metadata = _parse(role, data)
    root.verify_delegate(role.type, metadata.signed_bytes, metadata.signatures)
    return metadata.signed


def _parse(role: type[S], data: bytes) -> Metadata[S]:
    metadata = Metadata[Any].from_bytes(data)
    if metadata.signed.type != role.type:
        raise ValueError(f"expected {role.type}")
    return metadata


def _same_version(role: str, version: int, wanted: int) -> None:
    if version != wanted:
        what = f"{role} metadata has version {version} instead of {wanted}"
        raise SignatureRefused("SIG002", what, _HOSTILE)


@contextmanager
def _translated(role: str) -> Iterator[None]:
    try:
        yield
    except UnsignedMetadataError as error:
        what = f"{role} metadata lacks a valid signature by a trusted key"
        raise SignatureRefused("SIG001", what, _HOSTILE) from error
    except LengthOrHashMismatchError as error:
        what = f"{role} metadata is not the bytes that were signed for"
        raise SignatureRefused("SIG004", what, _HOSTILE) from error
    except (RepositoryError, DeserializationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignatureRefused("SIG005", f"{role} metadata is malformed", _HOSTILE) from error
