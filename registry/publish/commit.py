"""The commit protocol: from a meaning to a signed pointer, or to nothing at all.

The object, then the numbered documents, each created once; then the timestamp, the one key that changes, and
only if it is still the one that the meaning was worked out from. A crash before that leaves the old release.
Two publishers that say exactly the same in the same second are one: their bytes are equal.
It must never write the timestamp without that condition, nor retry a meaning that may already have landed.

Source: The Update Framework specification 1.0 (consistent snapshots), Amazon S3 conditional writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from securesystemslib.signer import Signer

from registry.errors import PublishConflict
from registry.publish import metadata
from registry.publish.moves import Move
from registry.publish.state import State, moves
from registry.publish.target import Conflict, Target, metadata_key, object_key

ATTEMPTS = 40
SKIPS = 64


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a move should say, worked out from one state; ``data`` is its bundle unless the store has it."""

    move: Move
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Pen:
    """All that writing to a channel takes: where, with which keys, by which clock, and how to wait.

    ``wait`` gets the number of the attempt, from 0, and sleeps for a short time drawn at random.
    """

    target: Target
    targets_key: Signer
    online_key: Signer
    now: Callable[[], datetime]
    wait: Callable[[int], None]


def commit(pen: Pen, look: Callable[[], State], propose: Callable[[State], Proposal | Move]) -> Move:
    """Make a meaning the live move of a channel, as often as others win the race, up to a bound.

    ``look`` reads the state; ``propose`` works the move out of it anew each time (number, what was live),
    or answers the live move itself when nothing is left to do, and then that is returned.

    Raises:
        PublishConflict: PUB003 when every attempt lost.
        Whatever ``look``, ``propose`` and the target raise; the channel is then as it was before.
    """
    written: Move | None = None
    for attempt in range(ATTEMPTS):
        state = look()
        if written is not None and _landed(pen.target, state, written):
            return written
        proposal = propose(state)
        if isinstance(proposal, Move):
            return proposal
        if proposal.data is not None:
            pen.target.put_once(object_key(proposal.move.sha256), proposal.data)
        numbered = _write_numbered(pen, state, proposal.move)
        if numbered is not None:
            written, snapshot = numbered
            if _point(pen, state, written.version, snapshot):
                return written
        pen.wait(attempt)
    raise PublishConflict(
        "PUB003",
        f"{ATTEMPTS} attempts lost to other publishers of {state.channel}",
        "Publish again when they are done.",
    )


def _write_numbered(pen: Pen, state: State, move: Move) -> tuple[Move, bytes] | None:
    """The numbered documents under the first number free, or None when the channel moved on meanwhile."""
    live = state.live
    number = max(live.move.version, live.snapshot_version) + 1 if live else 1
    now = pen.now()
    for skip in range(SKIPS):
        numbered = replace(move, version=number, previous=live.move.version if live else 0)
        targets = metadata.targets(numbered, pen.targets_key, now)
        snapshot = metadata.snapshot(number, number, targets, pen.online_key, now)
        try:
            pen.target.put_once(metadata_key(state.channel, "targets", number), targets)
            pen.target.put_once(metadata_key(state.channel, "snapshot", number), snapshot)
        except Conflict:
            # The number belongs to somebody slow or dead. A moment's grace lets the slow one finish.
            pen.wait(skip)
            if _moved(pen.target, state):
                return None
            number += 1
        else:
            return numbered, snapshot
    raise PublishConflict(
        "PUB004",
        f"{SKIPS} numbers in a row of {state.channel} are taken by unfinished publishes",
        "Run promptyard store check.",
    )


def _point(pen: Pen, state: State, snapshot_version: int, snapshot: bytes) -> bool:
    """Swing the timestamp over; False when somebody else did so first."""
    version = state.live.timestamp_version + 1 if state.live else 1
    data = metadata.timestamp(version, snapshot_version, snapshot, pen.online_key, pen.now())
    try:
        pen.target.replace_if(
            metadata_key(state.channel, "timestamp"), data, state.live.etag if state.live else None
        )
    except Conflict:
        return False
    return True


def _landed(target: Target, state: State, written: Move) -> bool:
    """True when a write whose answer was lost did land and others have built on it since."""
    for move in moves(target, state):
        if move.version <= written.version:
            return move == written
    return False


def _moved(target: Target, state: State) -> bool:
    key = metadata_key(state.channel, "timestamp")
    if state.live is None:
        return target.read(key) is not None
    return not target.unchanged(key, state.live.etag)
