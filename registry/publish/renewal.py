"""A renewal: who signed a channel's timestamp again, when and why.

It lies in the timestamp itself, below the signature, as a field that readers of TUF pass over. The next publish or
renewal writes another timestamp, so the store holds the last one; the jobs' own logs hold the rest.
It must never be long: a service reads no more than 16 KB of timestamp.

Source: The Update Framework specification 1.0, section 4 (unrecognised fields are kept, signed and ignored).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.errors import Usage
from serve.core.model import Json

FIELD = "x-promptyard-renewal"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Renewal:
    """One signature for the same release.

    Attributes:
        at: ISO 8601 time in UTC.
        commit: of the release that was live, ``release`` by its number.
        was: version of the timestamp before, ``version`` of the one that says this.
    """

    actor: str
    at: str
    commit: str
    release: int
    was: int
    version: int
    reason: str


def require_short(**words: str) -> None:
    """Lets pass words that fit into a timestamp; raises Usage (PUB026) for one that is too long."""
    for name, text in words.items():
        if len(text) > LONGEST:
            what = f"{name} has {len(text)} characters, more than {LONGEST}"
            raise Usage("PUB026", what, "Say it shorter; every service downloads it.")


def to_field(renewal: Renewal) -> dict[str, Json]:
    """The timestamp's own field for it."""
    told = {
        "action": "resign",
        "actor": renewal.actor,
        "at": renewal.at,
        "commit": renewal.commit,
        "from": renewal.was,
        "reason": renewal.reason,
        "release": renewal.release,
        "to": renewal.version,
    }
    return {FIELD: told}


def from_field(fields: Mapping[str, Json]) -> Renewal | None:
    """The renewal that a verified timestamp tells of; None where a move wrote it, or a version before this one."""
    told = fields.get(FIELD)
    if not isinstance(told, dict):
        return None
    release, was, version = (told.get(name) for name in ("release", "from", "to"))
    if not (isinstance(release, int) and isinstance(was, int) and isinstance(version, int)):
        return None
    actor, at, commit, reason = (str(told.get(name, "")) for name in ("actor", "at", "commit", "reason"))
    return Renewal(actor, at, commit, release, was, version, reason)
