"""The evidence of a release in the store: an object by its digest, which the signed move names.

So that whoever can read a channel can see how its releases fared, and nobody can improve on it later.
It must never hand out evidence that is not the one that was signed for.
"""

from __future__ import annotations

from registry.errors import Refused, Usage
from registry.publish.moves import Move
from registry.publish.target import Target, object_key
from registry.release.evidence import Evidence, read_evidence
from serve.core.digest import sha256


def keep(target: Target, data: bytes) -> str:
    """Put evidence into the store, once; its digest."""
    digest = sha256(data)
    target.put_once(object_key(digest), data)
    return digest


def read(target: Target, move: Move) -> Evidence | None:
    """The evidence that a move names; None where it names none, or one that a later version wrote.

    Raises:
        Refused: PUB013 when its bytes are missing or not those that were signed for.
    """
    if move.evidence_sha256 is None:
        return None
    stored = target.read(object_key(move.evidence_sha256))
    if stored is None or sha256(stored.data) != move.evidence_sha256:
        what = "missing from the store" if stored is None else "not what was signed for"
        advice = "Look at who can write to the store; the release itself is verified apart from it."
        raise Refused("PUB013", f"the evidence of release {move.release} is {what}", advice)
    try:
        return read_evidence(stored.data)
    except Usage:
        return None
