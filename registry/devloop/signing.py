"""The last step of a save: a signed pointer in the loop's own store.

It is the protocol of ``registry.publish`` with one writer. Bundles of long ago are removed, since a day of
saves would fill a disk; the newest stay for services that are slow to follow.
It must never touch another store than the one it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from registry.publish import keys, metadata
from registry.publish.channels import jittered, next_release, utc_now
from registry.publish.commit import Pen, Proposal, commit
from registry.publish.moves import Move
from registry.publish.state import State, newest_root, read_state, require_fresh, trusted_root
from registry.publish.target import Target, object_key
from registry.settings import Channel
from serve.core.digest import sha256
from serve.core.model import Bundle

_OBJECTS = "objects/sha256/"
_KEPT = 20


@dataclass(frozen=True)
class Packed:
    """A bundle, its bytes and their digest."""

    bundle: Bundle
    data: bytes

    @cached_property
    def sha256(self) -> str:
        """The digest of ``data``."""
        return sha256(self.data)


def sign(target: Target, channel: Channel, root: Path, make: Callable[[int], Packed]) -> Packed:
    """Make a new release live; ``make`` is called with its number, and after a lost race with the next.

    Raises:
        PublishConflict: PUB003, PUB004 when other publishers won every race.
        SignatureRefused, StoreUnavailable, Usage: as their codes say; nothing is live then.
    """
    trusted = newest_root(target, channel.name, trusted_root(channel, root))
    require_fresh(trusted, channel.name, datetime.now(UTC))
    made: list[Packed] = []

    def propose(state: State) -> Proposal:
        number = next_release(target, channel, root, state=state)
        made.append(make(number))
        return Proposal(_move(made[-1], number, state), made[-1].data)

    pen = Pen(
        target,
        keys.load(channel.targets_key, metadata.role_keys(trusted, "targets"), root),
        keys.load(channel.online_key, metadata.role_keys(trusted, "timestamp"), root),
        utc_now,
        jittered,
    )
    commit(pen, lambda: read_state(target, channel, root), propose)
    return made[-1]


def forget(target: Target, published: list[str]) -> None:
    """Remove all bundles but the newest of these digests, the live one last."""
    for digest in published[:-_KEPT]:
        target.remove(object_key(digest))
    del published[:-_KEPT]


def held(target: Target) -> list[str]:
    """The digests of all bundles in a store."""
    return [key.rsplit("/", 1)[-1] for key in target.list(_OBJECTS)]


def _move(made: Packed, number: int, state: State) -> Move:
    manifest = made.bundle.manifest
    return Move(
        release=number,
        sha256=made.sha256,
        size_bytes=len(made.data),
        commit=manifest.commit,
        content_sha256=manifest.content_sha256,
        action="publish",
        actor="promptyard watch",
        reason="saved",
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        was=state.move.release if state.move else None,
        highest=number,
    )
