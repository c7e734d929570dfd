"""A move: what one signed version of a channel did, and why.

It travels as the ``custom`` part of the TUF target ``stable``, so history needs no log beside the metadata.
It must never hold a secret: everybody who can read the store can read every move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from serve.core.model import Json

Action = Literal["publish", "promote", "rollback", "rekey"]


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a channel.

    Attributes:
        release: the number in the bundle's manifest; promote and rollback keep it.
        sha256: of the packed bundle, ``size_bytes`` long.
        content_sha256: of its entries alone.
        was: the release that was live before, None for the first.
        source: the channel that was promoted from.
        at: ISO 8601 time in UTC.
        previous: version of the targets document that was live before, 0 for none: the chain of history.
        highest: the highest release number that the channel ever held.
        version: of the targets document that says all this.
        evidence_sha256: of the test run's evidence, which lies in the store beside the bundle; None without.
    """

    release: int
    sha256: str
    size_bytes: int
    commit: str
    content_sha256: str
    action: Action
    actor: str
    reason: str
    at: str
    was: int | None = None
    source: str | None = None
    previous: int = 0
    highest: int = 0
    version: int = 0
    evidence_sha256: str | None = None


def to_custom(move: Move) -> dict[str, Json]:
    """The ``custom`` object of the target; size and digest are told by the target itself."""
    proof = {} if move.evidence_sha256 is None else {"evidenceSha256": move.evidence_sha256}
    return proof | {
        "action": move.action,
        "actor": move.actor,
        "at": move.at,
        "commit": move.commit,
        "contentSha256": move.content_sha256,
        "from": move.was,
        "highest": move.highest,
        "previous": move.previous,
        "reason": move.reason,
        "release": move.release,
        "source": move.source,
    }


def from_custom(custom: Mapping[str, Json], *, sha256: str, size_bytes: int, version: int) -> Move:
    """The move that a signed target tells of; raises ValueError when it tells none."""
    release: Json = custom.get("release")
    action: Json = custom.get("action")
    if not isinstance(release, int) or action not in get_args(Action):
        raise ValueError("no move")
    return Move(
        release=release,
        sha256=sha256,
        size_bytes=size_bytes,
        commit=str(custom.get("commit", "")),
        content_sha256=str(custom.get("contentSha256", "")),
        action=action,
        actor=str(custom.get("actor", "")),
        reason=str(custom.get("reason", "")),
        at=str(custom.get("at", "")),
        was=custom.get("from"),
        source=custom.get("source"),
        previous=int(custom.get("previous", 0)),
        highest=max(release, int(custom.get("highest", 0))),
        version=version,
        evidence_sha256=custom.get("evidenceSha256"),
    )
