"""What garbage collection is about to remove, written down where every publisher looks.

A key is condemned first and removed much later. A publisher that is about to point at a condemned object takes
it off the list under a condition, and the list is claimed under a condition before anything is removed: one
of the two loses and looks again.
It must never let a publisher point at an object whose removal has begun.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.errors import PublishConflict, StoreUnavailable
from registry.publish.target import Conflict, Target
from serve.core.digest import canonical
from serve.core.model import Json

LIST = "gc.json"
FORMAT = 1
ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal that was begun: by which run, when (ISO 8601), and of which keys."""

    run: str
    at: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Condemned:
    """The list: since when each key is condemned (ISO 8601), and the removal at work, if one is."""

    since: Mapping[str, str] = field(default_factory=dict)
    removal: Removal | None = None
    etag: str | None = None


def read(target: Target) -> Condemned:
    """The list of a store, empty where there is none; raises StoreUnavailable (STO004) for a newer format."""
    stored = target.read(LIST)
    if stored is None:
        return Condemned()
    try:
        told: Any = json.loads(stored.data)
        if told["format"] == FORMAT:
            begun = told["removing"]
            removal = Removal(begun["run"], begun["at"], frozenset(begun["keys"])) if begun else None
            return Condemned({str(k): str(v) for k, v in told["since"].items()}, removal, stored.etag)
        newer = f"{LIST} has format {told['format']!r}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return Condemned(etag=stored.etag)  # what nobody can read condemns nothing
    raise StoreUnavailable("STO004", newer, "Upgrade promptyard here.")


def write(target: Target, found: Condemned) -> None:
    """Replace the list that ``found.etag`` names; raises Conflict when somebody else wrote it meanwhile."""
    removal = found.removal
    begun: Json = (
        {"run": removal.run, "at": removal.at, "keys": sorted(removal.keys)} if removal is not None else None
    )
    told: Json = {"format": FORMAT, "since": dict(found.since), "removing": begun}
    target.replace_if(LIST, canonical(told), found.etag)


def spare(target: Target, keys: Iterable[str], wait: Callable[[int], None]) -> None:
    """Make sure that objects about to be pointed at are not removed under the pointer.

    To be called after the channel's state was read, and before it is built upon. Whether an object is still
    there is to be looked at afterwards.

    Raises:
        PublishConflict: PUB017 when one of them is being removed right now.
        StoreUnavailable: STO001, STO004.
    """
    wanted = frozenset(keys)
    for attempt in range(ATTEMPTS):
        found = read(target)
        if found.removal is None or not wanted & found.removal.keys:
            if not wanted & found.since.keys():
                return
            rest = {key: since for key, since in found.since.items() if key not in wanted}
            try:
                write(target, Condemned(rest, found.removal, found.etag))
            except Conflict:
                continue
            return
        wait(attempt)
    raise PublishConflict(
        "PUB017",
        "the release is being removed by garbage collection",
        "Wait until promptyard gc is done; if it died, run it again in two hours.",
    )
