"""What a store's channels need: the one question that garbage collection asks before it removes anything.

What is live, what a rollback can go back to, and the evidence of each. A new way to point at a bundle belongs
into ``_pointed_at``, and is then kept everywhere.
It must never guess: a channel that cannot be verified here is a refusal, not an empty answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from registry.errors import Refused
from registry.publish.moves import Canary, Move
from registry.publish.state import Live, State, moves, read_state
from registry.publish.target import Target, is_channel, metadata_key, object_key
from registry.publish.times import moment
from registry.settings import Channel


@dataclass(frozen=True, slots=True)
class Keep:
    """How far back a rollback shall reach on each channel: so many releases, and all that were live since."""

    releases: int = 50
    days: float = 90


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of a channel's history that was looked at: the versions on the signed chain, oldest first."""

    versions: tuple[int, ...]
    snapshot: int
    highest: int


@dataclass(frozen=True, slots=True)
class Needed:
    """The object keys that must stay, each with the reason, and what was seen of each channel."""

    objects: Mapping[str, str]
    spans: Mapping[str, Span]


def objects_of(move: Move) -> tuple[str, ...]:
    """The keys of all objects that a move points at: its bundle, the evidence beside it, and its canary's."""
    return tuple(_pointed_at(move, ""))


def _pointed_at(move: Move, kind: str) -> dict[str, str]:
    """The keys, each with what it is to the channel."""
    told = dict.fromkeys(_keys(move), f"release {move.release}, {kind}")
    if move.canary is not None:
        told |= dict.fromkeys(_keys(move.canary), f"release {move.canary.release}, a canary")
    return told


def _keys(by: Move | Canary) -> tuple[str, ...]:
    digests = (by.sha256, by.evidence_sha256)
    return tuple(object_key(digest) for digest in digests if digest is not None)


def needed(
    target: Target, channels: Iterable[Channel], keep: Keep, now: datetime, root: Path = Path()
) -> Needed:
    """What all channels of a store need, verified from their roots; ``channels`` are those known here.

    Raises:
        Refused: PUB016 for a channel of the store whose root is not known here.
        SignatureRefused, StoreUnavailable: as their codes say.
    """
    known = {channel.name: channel for channel in channels if (root / channel.root).is_file()}
    objects: dict[str, str] = {}
    spans: dict[str, Span] = {}
    for name in _published(target):
        if name not in known:
            what = f"channel {name} lies in the store and its root is not known here, so neither is what it needs"
            raise Refused("PUB016", what, "List it in promptyard.yaml, with its root file.")
        state = read_state(target, known[name], root)
        if state.live is None:
            continue
        kept = tuple(_kept(target, state, keep, now))
        for place, move in enumerate(kept):
            for key, why in _pointed_at(move, "live" if place == 0 else "a rollback target").items():
                objects.setdefault(key, f"{why} on {name}")
        spans[name] = _span(state.live, kept)
    return Needed(objects, spans)


def _published(target: Target) -> tuple[str, ...]:
    names = [folder.split("/")[1] for folder in target.list("channels/") if folder.endswith("/")]
    return tuple(
        name
        for name in names
        if is_channel(name) and target.read(metadata_key(name, "timestamp")) is not None
    )


def _kept(target: Target, state: State, keep: Keep, now: datetime) -> Iterator[Move]:
    """The moves that are kept, newest first: those of the last releases, and those that ended lately."""
    seen: set[int] = set()
    since, ended = now - timedelta(days=keep.days), now
    for move in moves(target, state):
        seen.add(move.release)
        if len(seen) > keep.releases and ended < since:
            return
        yield move
        ended = _moment(move.at) or now


def _span(live: Live, kept: tuple[Move, ...]) -> Span:
    versions = tuple(sorted(move.version for move in kept))
    return Span(versions, live.snapshot_version, live.move.highest)


def _moment(text: str) -> datetime | None:
    try:
        return moment(text)
    except ValueError:
        return None
