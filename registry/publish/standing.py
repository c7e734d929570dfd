"""How a channel's keys stand: who may sign what, until when, and what is waited for.

Everything that expires without a word is told here first: expiry is an alarm, and somebody has to hear it.
It must never write, nor fail where it can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

from tuf.api.metadata import Root

from registry.errors import PromptyardError
from registry.publish import ceremony, metadata, roots
from registry.publish.roots import Held, Quorum, Role
from registry.publish.state import Live, committed_roots, read_state
from registry.publish.target import Target, metadata_key
from registry.settings import Channel

ALARM_DAYS = {"root": 60, "targets": 60, "snapshot": 7, "timestamp": 3}


@dataclass(frozen=True, slots=True)
class Duty:
    """One role: its keys, and how many of them sign."""

    role: Role
    threshold: int
    keys: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as it is live: its version and its last moment; ``alarm`` when that is near or past."""

    role: str
    version: int
    expires: datetime
    alarm: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a channel.

    Attributes:
        version: of the root that is trusted here.
        revoked: ids of keys that are believed no more.
        proposed: version and quorums of the root on its way, None without one.
        in_store: whether the store holds the trusted root; None when it cannot be asked.
        trouble: why what is live cannot be read or believed, None when it can.
    """

    channel: str
    version: int
    duties: tuple[Duty, ...]
    papers: tuple[Paper, ...]
    revoked: tuple[str, ...]
    proposed: tuple[int, tuple[Quorum, ...]] | None
    in_store: bool | None
    trouble: str | None

    @property
    def alarm(self) -> bool:
        """Whether somebody has to act."""
        return self.trouble is not None or any(paper.alarm for paper in self.papers)


def standing(target: Target, channel: Channel, now: datetime, root: Path = Path()) -> Standing:
    """How a channel stands; raises Usage (PUB002) without a root or a proposal of one, SignatureRefused."""
    on_its_way = ceremony.proposed(channel, root)
    proposed = (on_its_way.root.version, on_its_way.quorums) if on_its_way is not None else None
    if on_its_way is not None and not (root / channel.root).exists():
        return Standing(channel.name, 0, _duties(on_its_way.root), (), (), proposed, False, None)
    trusted = metadata.read_root(committed_roots(channel, root)[-1])
    in_store, live, trouble = _ask(target, channel, trusted, root)
    papers = (_paper("root", trusted.version, trusted.expires, now), *_papers(live, now))
    revoked = tuple(sorted(roots.revoked(trusted)))
    return Standing(
        channel.name, trusted.version, _duties(trusted), papers, revoked, proposed, in_store, trouble
    )


def _ask(
    target: Target, channel: Channel, trusted: Root, root: Path
) -> tuple[bool | None, Live | None, str | None]:
    """Whether the store has the root, what is live, and what is wrong with either."""
    try:
        in_store = target.read(metadata_key(channel.name, "root", trusted.version)) is not None
    except PromptyardError as error:
        return None, None, f"{error.code} {error.what}"
    try:
        return in_store, read_state(target, channel, root).live, None
    except PromptyardError as error:
        return in_store, None, f"{error.code} {error.what}"


def _duties(root: Root) -> tuple[Duty, ...]:
    return tuple(
        Duty(role, root.roles[roots.ROLES[role][0]].threshold, roots.holders(root, role))
        for role in get_args(Role)
    )


def _papers(live: Live | None, now: datetime) -> tuple[Paper, ...]:
    if live is None:
        return ()
    return (
        _paper("targets", live.move.version, live.targets_expires, now),
        _paper("snapshot", live.snapshot_version, live.snapshot_expires, now),
        _paper("timestamp", live.timestamp_version, live.timestamp_expires, now),
    )


def _paper(role: str, version: int, expires: datetime, now: datetime) -> Paper:
    return Paper(role, version, expires, expires - now < timedelta(days=ALARM_DAYS[role]))
