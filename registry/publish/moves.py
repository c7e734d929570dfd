"""A move: what one signed version of a channel did, and why.

It travels as the ``custom`` part of the TUF target ``stable``, so history needs no log beside the metadata.
During a rollout the target ``canary`` stands beside it: readers that know no rollouts go on with ``stable``.
It must never hold a secret: everybody who can read the store can read every move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from serve.core.model import Json

Action = Literal["publish", "promote", "rollback", "rekey", "canary"]
WHOLE = 100
_MOST = 10**9  # as services read it, too


@dataclass(frozen=True, slots=True)
class Canary:
    """A release on its way: some instances of a service run it already.

    Attributes:
        release: the number in the bundle's manifest; ``sha256`` to ``evidence_sha256`` as in a move.
        percent: of all instances, from 1 to 99.
        was: percent before this step, 0 for the first.
        salt: what instances are drawn by, the same for the whole rollout.
        bake_s: seconds that a step stands at least before a watch takes the next.
        steps: the percents that a watch goes through; 100 stands for the promotion.
        since: ISO 8601 time in UTC of this step, ``begun`` of the first one.
    """

    release: int
    sha256: str
    size_bytes: int
    commit: str
    content_sha256: str
    percent: int
    was: int
    salt: str
    bake_s: int
    steps: tuple[int, ...]
    since: str
    source: str | None = None
    evidence_sha256: str | None = None
    begun: str = ""


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
        canary: the release on its way, None outside of a rollout.
        ended: the release whose rollout this move broke off, None where it did not.
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
    canary: Canary | None = None
    ended: int | None = None


def to_custom(move: Move) -> dict[str, Json]:
    """The ``custom`` object of the target; size and digest are told by the target itself."""
    proof = {} if move.evidence_sha256 is None else {"evidenceSha256": move.evidence_sha256}
    ended = {} if move.ended is None else {"ended": move.ended}
    return (proof | ended) | {
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
        ended=custom.get("ended"),
    )


def canary_to_custom(canary: Canary) -> dict[str, Json]:
    """The ``custom`` object of the target ``canary``; services read release, percent, salt and bakeSeconds."""
    return {
        "bakeSeconds": canary.bake_s,
        "begun": canary.begun,
        "commit": canary.commit,
        "contentSha256": canary.content_sha256,
        "evidenceSha256": canary.evidence_sha256,
        "percent": canary.percent,
        "release": canary.release,
        "salt": canary.salt,
        "since": canary.since,
        "source": canary.source,
        "steps": list(canary.steps),
        "was": canary.was,
    }


def canary_from_custom(custom: Mapping[str, Json], *, sha256: str, size_bytes: int) -> Canary:
    """The release on its way that a signed target tells of; raises ValueError when it tells none."""
    salt: Json = custom.get("salt")
    since = str(custom.get("since", ""))
    begun = str(custom.get("begun") or since)
    for time in (since, begun):
        datetime.fromisoformat(time)
    if not isinstance(salt, str):
        raise ValueError("no canary")  # noqa: TRY004  # the document's fault
    return Canary(
        release=_whole(custom.get("release"), 1),
        sha256=sha256,
        size_bytes=size_bytes,
        commit=str(custom.get("commit", "")),
        content_sha256=str(custom.get("contentSha256", "")),
        percent=_whole(custom.get("percent"), 1, WHOLE - 1),
        was=_whole(custom.get("was", 0), 0, WHOLE),
        salt=salt,
        bake_s=_whole(custom.get("bakeSeconds", 0)),
        steps=tuple(_whole(step, 1, WHOLE) for step in custom.get("steps", ())),
        since=since,
        begun=begun,
        source=custom.get("source"),
        evidence_sha256=custom.get("evidenceSha256"),
    )


def _whole(told: Json, least: int = 0, most: int = _MOST) -> int:
    if type(told) is not int or not least <= told <= most:
        raise ValueError("no canary")
    return told
