"""A rollout in a signed store, and names of instances that it draws."""

from __future__ import annotations

from dataclasses import replace

from support.signed_store import SignedStore

from registry.publish.moves import Canary
from serve.core.assign import drawn
from serve.core.bundle import pack
from serve.core.digest import sha256
from serve.core.model import Bundle


def stage(yard: SignedStore, what: Bundle, *, percent: int = 10, signed_as: int | None = None) -> Canary:
    """Let some instances run a bundle; ``signed_as`` lies about its number."""
    assert yard.move is not None
    data = pack(what)
    number = what.manifest.release if signed_as is None else signed_as
    found = Canary(
        number, sha256(data), len(data), "c", "d", percent, 0, sha256(data)[:16], 600, (1, 10, 50, 100), ""
    )
    (yard.folder / "objects/sha256" / found.sha256).write_bytes(data)
    go(yard, found)
    return found


def go(yard: SignedStore, canary: Canary | None) -> None:
    """Sign another step, or the end."""
    assert yard.move is not None
    yard.move = replace(yard.move, canary=canary)
    yard.sign()


def name_for(canary: Canary, *, percent: float, more_than: float = 0) -> str:
    """An instance that this percent draws, and ``more_than`` does not."""
    names = (f"web-{n}" for n in range(100_000))
    return next(
        name
        for name in names
        if drawn(name, canary.salt, percent) and not drawn(name, canary.salt, more_than)
    )
