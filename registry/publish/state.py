"""What a channel says right now, verified from the trusted root down, and what it said before.

A publisher believes the store no more than a service does: each document is checked before it is built upon.
It must never write.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import MetaFile, Root

from registry.errors import Refused, StoreUnavailable, Usage
from registry.publish import metadata, roots
from registry.publish.moves import Move
from registry.publish.renewal import Renewal, from_field
from registry.publish.target import Stored, Target, metadata_key
from registry.settings import Channel
from serve.core.errors import SignatureRefused


@dataclass(frozen=True, slots=True)
class Live:
    """The documents of a channel that has been published to; ``snapshot`` and ``targets`` are their bytes.

    ``renewal``: who signed the timestamp again since the move, None where nobody did.
    """

    move: Move
    etag: str
    timestamp_version: int
    snapshot_version: int
    snapshot: bytes
    targets: bytes
    timestamp_expires: datetime
    snapshot_expires: datetime
    targets_expires: datetime
    renewal: Renewal | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A channel as the store shows it: the newest root, what is live, if anything is, and every earlier root."""

    channel: str
    root: Root
    live: Live | None
    earlier: tuple[Root, ...] = ()

    @property
    def move(self) -> Move | None:
        """The move that is live."""
        return self.live.move if self.live else None


def read_state(target: Target, channel: Channel, root: Path = Path()) -> State:
    """The state of a channel; paths in ``channel`` are relative to ``root``.

    Raises:
        Usage: PUB002 when the channel has no trusted root file yet.
        Refused: KEY011 when its newest root replaced the keys that signed what is live.
        SignatureRefused: SIG001 to SIG006 for metadata that must not be believed.
        StoreUnavailable: STO001, or STO003 when a document that another one names is missing.
    """
    *earlier, trusted = known_roots(target, channel, root)
    stored = target.read(metadata_key(channel.name, "timestamp"))
    try:
        live = _read_live(target, channel.name, trusted, stored) if stored else None
    except SignatureRefused as error:
        if stored is None or not _signed_before(earlier, stored):
            raise
        what = f"what is live on {channel.name} was signed by keys that root {trusted.version} replaced"
        raise Refused("KEY011", what, f"Run promptyard keys publish {channel.name}.") from error
    return State(channel.name, trusted, live, tuple(earlier))


def read_replaced(target: Target, channel: Channel, root: Path = Path()) -> tuple[State, Root | None]:
    """The state of a channel whose newest root may have replaced the keys that signed what is live.

    Also the newest root that believes what is live. Only for signing it again; raises as ``read_state``.
    """
    *earlier, trusted = known_roots(target, channel, root)
    stored = target.read(metadata_key(channel.name, "timestamp"))
    live, believed, refusal = None, None, None
    for each in [trusted, *reversed(earlier)]:
        if stored is None:
            break
        try:
            live, believed = _read_live(target, channel.name, each, stored), each
            break
        except SignatureRefused as error:
            refusal = refusal or error
    if live is None and refusal is not None:
        raise refusal
    return State(channel.name, trusted, live, tuple(earlier)), believed


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


def root_path(channel: Channel, tag: int | str) -> Path:
    """Where an earlier version of the root file lies (``staging.1.root.json``), or the next (``next``)."""
    path = Path(channel.root)
    suffix = ".root.json" if path.name.endswith(".root.json") else path.suffix
    return path.with_name(f"{path.name.removesuffix(suffix)}.{tag}{suffix}")


def committed_roots(channel: Channel, root: Path = Path()) -> tuple[bytes, ...]:
    """The root files that lie in Git, oldest first: the earlier ones as far back as they were kept, and the last.

    Raises:
        Usage: PUB002. SignatureRefused: SIG00x when they are not one chain.
    """
    files = [trusted_root(channel, root)]
    version = metadata.read_root(files[0]).version
    while (path := root / root_path(channel, (version := version - 1))).is_file():
        files.insert(0, path.read_bytes())
    before = None
    for data in files:
        before = metadata.read_root(data, before)
    return tuple(files)


def known_roots(target: Target, channel: Channel, root: Path = Path()) -> tuple[Root, ...]:
    """Every root from the first that was kept to the newest that a chain of signatures leads to in the store."""
    known = [metadata.read_root(data) for data in committed_roots(channel, root)]
    key = channel.name
    while (stored := target.read(metadata_key(key, "root", known[-1].version + 1))) is not None:
        known.append(metadata.read_root(stored.data, known[-1]))
    return tuple(known)


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
            "PUB011",
            f"the root of channel {channel} has expired",
            f"Give it another year: promptyard keys rotate {channel}.",
        )


def moves(target: Target, state: State) -> Iterator[Move]:
    """The moves of a channel, newest first, along the signed chain that leaves out crashed publishers.

    A move is believed by the root of its time. Where a revoked key signed it, history ends.
    """
    move = state.move
    believed = [roots.without_revoked(each, roots.revoked(state.root)) for each in state.earlier]
    while move is not None:
        yield move
        if not move.previous:
            return
        data = _named(target, metadata_key(state.channel, "targets", move.previous))
        try:
            move = _read_move(data, move.previous, [state.root, *reversed(believed)])
        except SignatureRefused:
            if roots.revoked(state.root) and _read_move(data, move.previous, state.earlier):
                return
            raise


def every_move(target: Target, state: State) -> Iterator[Move]:
    """The same, and beyond: also what a revoked key signed. For somebody who names the one they know."""
    return moves(target, replace(state, root=_unrevoked(state.root)))


def _unrevoked(root: Root) -> Root:
    rest = copy.copy(root)
    rest.unrecognized_fields = {}
    return rest


def _read_move(data: bytes, version: int, believed: Sequence[Root]) -> Move:
    """The move, as the first root says that knows its signature."""
    for each in believed[:-1]:
        with contextlib.suppress(SignatureRefused):
            return metadata.read_move(each, data, MetaFile(version))[0]
    return metadata.read_move(believed[-1], data, MetaFile(version))[0]


def _signed_before(earlier: Sequence[Root], stored: Stored) -> bool:
    """Whether an earlier root believes the timestamp."""
    for each in earlier:
        with contextlib.suppress(SignatureRefused):
            metadata.read_timestamp(each, stored.data)
            return True
    return False


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
        renewal=from_field(timestamp.unrecognized_fields),
    )


def _named(target: Target, key: str) -> bytes:
    stored = target.read(key)
    if stored is None:
        raise StoreUnavailable(
            "STO003", f"{key} is named by signed metadata and missing", "Restore it from a copy of the store."
        )
    return stored.data
