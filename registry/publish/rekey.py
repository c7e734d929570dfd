"""A new root for everybody: into the store, and what is live signed again by the keys it names.

The roots go first, in order and created once; then the live move is signed again through the commit protocol.
A crash in between is mended by running it again; clients keep what they have until then.
It must never sign again what a revoked key signed, unless somebody names the release they know.

Source: The Update Framework specification 1.0, section 6.1 and 5.3.11 (fast-forward recovery).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from tuf.api.metadata import Root

from registry.errors import PublishConflict, Usage
from registry.publish import keys, metadata, probe, roots
from registry.publish.channels import Now, Wait, jittered, utc_now
from registry.publish.commit import Pen, Proposal, commit
from registry.publish.condemned import spare
from registry.publish.moves import Move
from registry.publish.needed import objects_of
from registry.publish.state import Live, State, committed_roots, every_move, read_replaced, require_fresh
from registry.publish.target import Conflict, Target, metadata_key
from registry.publish.times import iso
from registry.settings import Channel


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What came of it: the root that holds now, the versions that were new to the store, and what is live.

    ``signed_again`` is True when what is live had to be.
    """

    version: int
    placed: tuple[int, ...]
    live: Move | None
    signed_again: bool


def publish_root(
    target: Target,
    channel: Channel,
    *,
    actor: str,
    keep: int | None = None,
    root: Path = Path(),
    now: Now = utc_now,
    wait: Wait = jittered,
) -> Rekeyed:
    """Put the trusted root and those before it into the store, and sign what is live with the keys it names.

    Safe to repeat. ``keep`` names the release that stays live where a revoked key signed what is live.

    Raises:
        Usage: PUB002, PUB011, KEY00x for keys that the root does not name; KEY013 when earlier roots are
            missing, KEY014 without ``keep`` where it is needed or for a release that is not there.
        PublishConflict: KEY016 when the store holds another root under the number, PUB003.
        SignatureRefused, StoreUnavailable: as their codes say.
    """
    probe.ensure(target, now=now, nonce=lambda: uuid.uuid4().hex)
    planned = plan_root(target, channel, keep=keep, root=root, now=now)
    committed = committed_roots(channel, root)
    if not planned.signed_again:
        return replace(planned, placed=_place(target, channel.name, committed))
    trusted = read_replaced(target, channel, root)[0].root
    pen = Pen(
        target,
        keys.load(channel.targets_key, metadata.role_keys(trusted, "targets"), root),
        keys.load(channel.online_key, metadata.role_keys(trusted, "timestamp"), root),
        now,
        wait,
    )
    placed = _place(target, channel.name, committed)
    seen: list[Root | None] = []

    def look() -> State:
        found, by = read_replaced(target, channel, root)
        seen.append(by)
        return replace(found, live=_recovered(target, found, by)) if found.live and by else found

    def propose(found: State) -> Proposal | Move:
        by = seen[-1]
        if found.move is not None and (by is None or by is found.root):
            return found.move  # somebody else was faster
        old = _chosen(target, found, by, keep)
        spare(target, objects_of(old), wait)
        at = iso(now())
        reason = f"root {found.root.version}"
        was = found.move.release if found.move else None
        return Proposal(
            replace(old, action="rekey", actor=actor, reason=reason, at=at, was=was, source=None, ended=None)
        )

    return replace(planned, placed=placed, live=commit(pen, look, propose))


def plan_root(
    target: Target, channel: Channel, *, keep: int | None = None, root: Path = Path(), now: Now = utc_now
) -> Rekeyed:
    """What ``publish_root`` would do; raises what it would, but for keys and races."""
    committed = committed_roots(channel, root)
    state, believed = read_replaced(target, channel, root)
    require_fresh(state.root, channel.name, now())
    placed = _missing(target, channel.name, committed)
    again = believed is not None and believed is not state.root
    live = _chosen(target, state, believed, keep) if again else state.move
    return Rekeyed(state.root.version, placed, live, again)


def _chosen(target: Target, state: State, believed: Root | None, keep: int | None) -> Move:
    """The move to sign again: the live one, or the one that was named where a revoked key had a part in it."""
    live = state.move
    if live is None or believed is None:
        raise ValueError("nothing is live")
    signed = {name for role in ("targets", "snapshot", "timestamp") for name in believed.roles[role].keyids}
    if not roots.revoked(state.root) & signed:
        return live
    if keep is None:
        what = f"release {live.release} is live on {state.channel}, and a revoked key signed for it"
        next_step = f"Look whether it is yours; then name the release that is to stay: --keep {live.release}."
        raise Usage("KEY014", what, next_step)
    for move in every_move(target, state):
        if move.release == keep:
            return replace(move, highest=max(live.highest, move.highest), canary=None)
    what = f"release {keep} is not what is live on {state.channel}, nor anything before it"
    raise Usage("KEY014", what, f"Keep release {live.release}, then publish or promote the one you want.")


def _recovered(target: Target, state: State, believed: Root) -> Live | None:
    """The live documents; where their online key was revoked, with versions as if nobody had driven them up.

    Clients drop what a replaced online key signed, so the versions may start anew.
    """
    live = state.live
    online = set(believed.roles["timestamp"].keyids)
    if live is None or not online & roots.revoked(state.root):
        return live
    names = set(target.list(metadata_key(state.channel, "x").removesuffix("x.json")))
    free = live.move.version + 1
    while any(metadata_key(state.channel, role, free) in names for role in ("targets", "snapshot")):
        free += 1
    return replace(live, timestamp_version=0, snapshot_version=free - 1)


def _missing(target: Target, channel: str, committed: tuple[bytes, ...]) -> tuple[int, ...]:
    """The versions that the store lacks; every other one has to be the committed one."""
    versions = [metadata.read_root(data).version for data in committed]
    if versions[0] > 1 and target.read(metadata_key(channel, "root", versions[0] - 1)) is None:
        what = f"the store lacks root {versions[0] - 1} of channel {channel}, and its file is not here"
        raise Usage("KEY013", what, "Take the earlier root files back from Git.")
    missing = []
    for version, data in zip(versions, committed, strict=True):
        stored = target.read(metadata_key(channel, "root", version))
        if stored is None:
            missing.append(version)
        elif stored.data != data:
            raise _another(version, channel)
    return tuple(missing)


def _place(target: Target, channel: str, committed: tuple[bytes, ...]) -> tuple[int, ...]:
    """Every committed root under its number, in order; those that were not there yet."""
    missing = _missing(target, channel, committed)
    for data in committed:
        version = metadata.read_root(data).version
        if version in missing:
            try:
                target.put_once(metadata_key(channel, "root", version), data)
            except Conflict as error:
                raise _another(version, channel) from error
    return missing


def _another(version: int, channel: str) -> PublishConflict:
    what = f"the store holds another root {version} of channel {channel}"
    return PublishConflict("KEY016", what, "Compare the root files in Git with the store.")
