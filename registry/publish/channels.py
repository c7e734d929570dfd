"""What can be done to a channel: begin it, publish to it, promote, roll back, look at it.

Each is one meaning, worked out from what is live, and one call of the commit protocol.
It must never move a channel to something older unless that is what was asked for.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from registry.errors import Refused, Usage
from registry.publish import keys, metadata, numbers, probe, proofs
from registry.publish.commit import Pen, Proposal, commit
from registry.publish.condemned import spare
from registry.publish.moves import Action, Canary, Move
from registry.publish.needed import objects_of
from registry.publish.order import Descends, require_descent, require_no_rollout, require_seen, require_two
from registry.publish.state import State, moves, newest_root, read_state, require_fresh, trusted_root
from registry.publish.stores import open_target
from registry.publish.target import Target, metadata_key, object_key
from registry.publish.times import iso
from registry.settings import Channel
from serve.core.bundle import unpack
from serve.core.digest import sha256
from serve.core.model import Bundle

__all__ = [
    "Move",
    "Published",
    "begin",
    "current",
    "held",
    "history",
    "initialise",
    "next_release",
    "open_target",
    "pointing",
    "promote",
    "publish",
    "read_bundle",
    "require_descent",
    "require_no_rollout",
    "require_seen",
    "require_two",
    "rollback",
    "run",
]

Pack = Callable[[int], bytes]  # release number → packed bundle
Now = Callable[[], datetime]
Wait = Callable[[int], None]


def utc_now() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)


def jittered(attempt: int) -> None:
    """Sleep for a random time below 50 ms, doubling with each attempt up to 0.8 s (full jitter)."""
    time.sleep(random.uniform(0.005, 0.05 * 2 ** min(attempt, 4)))  # noqa: S311  # spreads load, guards nothing


def _nonce() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Published:
    """What is live on a channel after a move, and on its way; ``changed`` is False when it already was."""

    release: int
    sha256: str
    version: int
    commit: str
    changed: bool = True
    canary: Canary | None = None


def initialise(target: Target, channel: Channel, root: Path = Path(), *, now: Now = utc_now) -> Path:
    """Make a channel's keys and trusted root where they do not exist yet, and put the root into the store.

    Safe to repeat. Returns the path of the trusted root, which is to be committed; the root key is to be
    taken offline. Relative paths in ``channel`` are relative to ``root``.

    Raises:
        StoreUnavailable: STO00x. Usage: KEY00x, PUB005 when the store belongs to another root.
    """
    probe.ensure(target, now=now, nonce=_nonce)
    path = root / channel.root
    if not path.exists():
        if target.read(metadata_key(channel.name, "root", 1)) is not None:
            raise _foreign(channel)
        _make_root(path, channel, root, now)
    _place_root(target, channel, trusted_root(channel, root))
    return path


def publish(
    target: Target,
    channel: Channel,
    pack: Pack,
    *,
    actor: str,
    reason: str = "",
    descends: Descends,
    evidence: bytes | None = None,
    root: Path = Path(),
    now: Now = utc_now,
    wait: Wait = jittered,
) -> Published:
    """Make a new release live. ``pack`` is called with its number, and after a lost race with the next.

    ``evidence`` of its test run is put beside the bundle, and the signed move names it.

    Raises:
        PublishConflict: PUB003 lost every race, PUB006 the commit does not descend from the live one, PUB017,
            PUB021 another release is on its way.
        BundleRefused, SignatureRefused, StoreUnavailable, Usage: as their codes say; nothing is live then.
    """

    def propose(state: State) -> Proposal:
        require_no_rollout(state.move, channel)
        number = numbers.claim(target, channel.name, _highest(state))
        data = pack(number)
        manifest = unpack(data).manifest
        if manifest.release != number:
            raise ValueError(f"packed release {manifest.release} instead of {number}")
        require_descent(state.move, manifest.commit, descends, channel)
        move = Move(
            release=number,
            sha256=sha256(data),
            size_bytes=len(data),
            commit=manifest.commit,
            content_sha256=manifest.content_sha256,
            action="publish",
            actor=actor,
            reason=reason,
            at=iso(now()),
            was=_release(state),
            highest=number,
            evidence_sha256=sha256(evidence) if evidence is not None else None,
        )
        spare(target, objects_of(move), wait)
        if evidence is not None:
            proofs.keep(target, evidence)
        return Proposal(move, data)

    return run(target, channel, root, propose, now, wait)


def promote(
    target: Target,
    source: Channel,
    dest: Channel,
    *,
    actor: str,
    reason: str = "",
    descends: Descends,
    seen: int | None = None,
    root: Path = Path(),
    now: Now = utc_now,
    wait: Wait = jittered,
) -> Published:
    """Make what is live on one channel live on another: the same bytes under the same number.

    ``seen`` is the release that was looked at; another one is not promoted in its place.

    Raises:
        Usage: PUB007 the source has no release, PUB015 it is the destination too.
        PublishConflict: PUB003, PUB006, PUB017, PUB021 another release is on its way, PUB029 not as seen.
        BundleRefused, SignatureRefused, StoreUnavailable: as their codes say; nothing is changed then.
    """
    require_two(source, dest)
    live = promoted(target, source, seen, root, now)

    def propose(state: State) -> Proposal | Move:
        require_no_rollout(state.move, dest, but=live.sha256)
        if state.move is not None and state.move.sha256 == live.sha256:
            return state.move
        require_descent(state.move, live.commit, descends, dest)
        spare(target, objects_of(live), wait)
        read_bundle(target, live)
        return Proposal(pointing(live, state, "promote", actor, reason, now, source=source.name))

    return run(target, dest, root, propose, now, wait)


def promoted(target: Target, source: Channel, seen: int | None, root: Path, now: Now) -> Move:
    """What is live on a channel and may go to another; raises as :func:`promote`."""
    begin(target, now)
    live = read_state(target, source, root).move
    if live is None:
        raise Usage("PUB007", f"channel {source.name} has no release to promote", "Publish to it first.")
    require_seen(live, seen, source)
    return live


def rollback(
    target: Target,
    channel: Channel,
    to: int,
    reason: str,
    *,
    actor: str,
    root: Path = Path(),
    now: Now = utc_now,
    wait: Wait = jittered,
) -> Published:
    """Make an earlier release of a channel live again: a new, higher version that points at old content.

    A rollout ends with it. ``to`` the release that is live ends the rollout alone.

    Raises:
        Usage: PUB008 when the channel never held the release. PublishConflict: PUB003, PUB017.
        BundleRefused, SignatureRefused, StoreUnavailable: as their codes say; nothing is changed then.
    """

    def propose(state: State) -> Proposal | Move:
        if state.move is not None and state.move.release == to and state.move.canary is None:
            return state.move
        old = held(target, state, to)
        spare(target, objects_of(old), wait)
        read_bundle(target, old)
        return Proposal(pointing(old, state, "rollback", actor, reason, now))

    return run(target, channel, root, propose, now, wait)


def held(target: Target, state: State, release: int) -> Move:
    """The newest move that made a release live on a channel; raises Usage (PUB008) where it never was."""
    found = next((move for move in moves(target, state) if move.release == release), None)
    if found is None:
        what = f"release {release} was never live on channel {state.channel}"
        raise Usage("PUB008", what, "Choose one from promptyard history.")
    return found


def current(target: Target, channel: Channel, *, root: Path = Path()) -> Move | None:
    """The verified move that is live on a channel, or None before the first publish."""
    return read_state(target, channel, root).move


def history(target: Target, channel: Channel, *, root: Path = Path()) -> tuple[Move, ...]:
    """All moves of a channel, newest first, each verified."""
    return tuple(moves(target, read_state(target, channel, root)))


def read_bundle(target: Target, move: Move) -> Bundle:
    """The bundle that a move points at, read back and verified in full.

    Raises:
        BundleRefused: BND00x. Refused: PUB009 when its bytes are missing or not those that were signed for.
    """
    stored = target.read(object_key(move.sha256))
    if stored is None or sha256(stored.data) != move.sha256:
        what = "missing from the store" if stored is None else "not the bytes that were signed for"
        raise Refused(
            "PUB009", f"the bundle of release {move.release} is {what}", "Publish its commit again."
        )
    return unpack(stored.data)


def next_release(target: Target, channel: Channel, root: Path = Path(), *, state: State | None = None) -> int:
    """The number that the next release gets: one above all that any channel of the store ever held."""
    here = state if state is not None else read_state(target, channel, root)
    return numbers.next_number(target, channel.name, _highest(here))


def run(
    target: Target,
    channel: Channel,
    root: Path,
    propose: Callable[[State], Proposal | Move],
    now: Now,
    wait: Wait,
) -> Published:
    """Make a meaning live with the keys of a channel, as :func:`registry.publish.commit.commit` does.

    Raises:
        Usage: PUB002, PUB005, PUB011, KEY00x, KEY015. PublishConflict: PUB003. What ``propose`` raises.
    """
    begin(target, now)
    first = trusted_root(channel, root)
    _place_root(target, channel, first)
    trusted = newest_root(target, channel.name, first)
    require_fresh(trusted, channel.name, now())
    pen = Pen(
        target,
        keys.load(channel.targets_key, metadata.role_keys(trusted, "targets"), root),
        keys.load(channel.online_key, metadata.role_keys(trusted, "timestamp"), root),
        now,
        wait,
    )
    changed = True

    def noted(state: State) -> Proposal | Move:
        nonlocal changed
        proposal = propose(state)
        changed = isinstance(proposal, Proposal)  # the last word counts: another may have done it meanwhile
        return proposal

    move = commit(pen, lambda: read_state(target, channel, root), noted)
    return Published(move.release, move.sha256, move.version, move.commit, changed, move.canary)


def _make_root(path: Path, channel: Channel, root: Path, now: Now) -> None:
    """Keys, then the root file, whole or not at all; keys that exist are used."""
    public = [
        keys.public(uri, root)[1] for uri in (channel.root_key, channel.targets_key, channel.online_key)
    ]
    signer = keys.load(channel.root_key, public[:1], root)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{_nonce()}")
    temporary.write_bytes(metadata.first_root(signer, public[1], public[2], now()))
    temporary.replace(path)


def _place_root(target: Target, channel: Channel, data: bytes) -> None:
    """Have the store hold the root that is trusted here; a later version than the first is put there on purpose."""
    version = metadata.read_root(data).version
    key = metadata_key(channel.name, "root", version)
    stored = target.read(key)
    if stored is None and version == 1:
        target.put_once(key, data)
    elif stored is None:
        what = f"root {version} of channel {channel.name} is not in the store yet"
        raise Usage("KEY015", what, f"Run promptyard keys publish {channel.name}.")
    elif stored.data != data:
        raise _foreign(channel)


def begin(target: Target, now: Now) -> None:
    """Lets pass a store that keeps its promises; raises StoreUnavailable (STO00x) for another."""
    probe.ensure(target, now=now, nonce=_nonce)


def pointing(
    old: Move, state: State, action: Action, actor: str, reason: str, now: Now, source: str | None = None
) -> Move:
    """A move that makes an old one's bundle live; a rollout of another release ends with it."""
    left = state.move.canary if state.move is not None else None
    return Move(
        release=old.release,
        sha256=old.sha256,
        size_bytes=old.size_bytes,
        commit=old.commit,
        content_sha256=old.content_sha256,
        action=action,
        actor=actor,
        reason=reason,
        at=iso(now()),
        was=_release(state),
        source=source,
        highest=max(old.release, _highest(state)),
        evidence_sha256=old.evidence_sha256,
        ended=left.release if left is not None and left.sha256 != old.sha256 else None,
    )


def _highest(state: State) -> int:
    return state.move.highest if state.move else 0


def _release(state: State) -> int | None:
    return state.move.release if state.move else None


def _foreign(channel: Channel) -> Usage:
    return Usage(
        "PUB005",
        f"the store's channel {channel.name} belongs to another root than {channel.root}",
        "Bring that channel's committed root file here, or choose another store.",
    )
