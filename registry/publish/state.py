"""What a channel says right now, verified from the trusted root down, and what it said before.

A publisher believes the store no more than a service does: each document is checked before it is built upon.
It must never write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import MetaFile, Root

from registry.errors import StoreUnavailable, Usage
from registry.publish import metadata
from registry.publish.moves import Move
from registry.publish.target import Stored, Target, metadata_key
from registry.settings import Channel


@dataclass(frozen=True, slots=True)
class Live:
    """The documents of a channel that has been published to; ``snapshot`` and ``targets`` are their bytes."""

    move: Move
    etag: str
    timestamp_version: int
    snapshot_version: int
    snapshot: bytes
    targets: bytes
    timestamp_expires: datetime
    snapshot_expires: datetime
    targets_expires: datetime


@dataclass(frozen=True, slots=True)
class State:
    """A channel as the store shows it: the newest root, and what is live, if anything is."""

    channel: str
    root: Root
    live: Live | None

    @property
    def move(self) -> Move | None:
        """The move that is live."""
        return self.live.move if self.live else None


def read_state(target: Target, channel: Channel, root: Path = Path()) -> State:
    """The state of a channel; paths in ``channel`` are relative to ``root``.

    Raises:
        Usage: PUB002 when the channel has no trusted root file yet.
        SignatureRefused: SIG001 to SIG006 for metadata that must not be believed.
        StoreUnavailable: STO001, or STO003 when a document that another one names is missing.
    """
    trusted = newest_root(target, channel.name, trusted_root(channel, root))
    stored = target.read(metadata_key(channel.name, "timestamp"))
    return State(channel.name, trusted, _read_live(target, channel.name, trusted, stored) if stored else None)


def trusted_root(channel: Channel, root: Path = Path()) -> bytes:
    """The committed root file that services ship; raises Usage (PUB002) when there is none."""
    try:
        return (root / channel.root).read_bytes()
    except OSError as error:
        raise Usage(
            "PUB002",
            f"channel {channel.name} has no trusted root ({channel.root})",
            "Run promptyard init, and commit the root file.",
        ) from error


def newest_root(target: Target, channel: str, first: bytes) -> Root:
    """The newest root that a chain of signatures leads to from the first."""
    root = metadata.read_root(first)
    while (stored := target.read(metadata_key(channel, "root", root.version + 1))) is not None:
        root = metadata.read_root(stored.data, root)
    return root


def require_fresh(root: Root, channel: str, now: datetime) -> None:
    """Lets pass a root that services still accept; raises Usage (PUB011) for an expired one."""
    if root.is_expired(now):
        raise Usage(
            "PUB011", f"the root of channel {channel} has expired", "Sign its next version with the root key."
        )


def moves(target: Target, state: State) -> Iterator[Move]:
    """The moves of a channel, newest first, along the signed chain that leaves out crashed publishers."""
    move = state.move
    while move is not None:
        yield move
        if not move.previous:
            return
        data = _named(target, metadata_key(state.channel, "targets", move.previous))
        move = metadata.read_move(state.root, data, MetaFile(move.previous))[0]


def _read_live(target: Target, channel: str, root: Root, stored: Stored) -> Live:
    timestamp = metadata.read_timestamp(root, stored.data)
    pinned = timestamp.snapshot_meta
    snapshot_data = _named(target, metadata_key(channel, "snapshot", pinned.version))
    snapshot = metadata.read_snapshot(root, snapshot_data, pinned)
    named = snapshot.meta["targets.json"]
    targets_data = _named(target, metadata_key(channel, "targets", named.version))
    move, targets_expires = metadata.read_move(root, targets_data, named)
    return Live(
        move=move,
        etag=stored.etag,
        timestamp_version=timestamp.version,
        snapshot_version=snapshot.version,
        snapshot=snapshot_data,
        targets=targets_data,
        timestamp_expires=timestamp.expires,
        snapshot_expires=snapshot.expires,
        targets_expires=targets_expires,
    )


def _named(target: Target, key: str) -> bytes:
    stored = target.read(key)
    if stored is None:
        raise StoreUnavailable(
            "STO003", f"{key} is named by signed metadata and missing", "Restore it from a copy of the store."
        )
    return stored.data
