"""What garbage collection is about to remove, written down where every publisher looks.

A key is condemned first and removed much later. A publisher that is about to point at a condemned object takes
it off the list under a condition, and the list is claimed under a condition before anything is removed: one
of the two loses and looks again.
Beside it stand the last runs, for whoever looks for a bundle that is gone. Nothing here is signed: collecting needs
no key, and a list that somebody forged can cost a grace, never a release that is needed.
It must never let a publisher point at an object whose removal has begun.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from registry.errors import PublishConflict, StoreUnavailable
from registry.publish.target import Conflict, Target
from serve.core.digest import canonical
from serve.core.model import Json

LIST = "gc.json"
FORMAT = 1
ATTEMPTS = 12
RUNS = 50  # that are remembered


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal that was begun: by which run, when (ISO 8601), and of which keys."""

    run: str
    at: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Run:
    """A garbage collection that began: when (ISO 8601), by whom and why, and how many keys it took and marked."""

    at: str
    actor: str
    reason: str
    removed: int
    marked: int


@dataclass(frozen=True, slots=True)
class Condemned:
    """The list: since when each key is condemned (ISO 8601), the removal at work, if one is, and the last runs."""

    since: Mapping[str, str] = field(default_factory=dict)
    removal: Removal | None = None
    etag: str | None = None
    runs: tuple[Run, ...] = ()


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
            since = {str(k): str(v) for k, v in told["since"].items()}
            return Condemned(since, removal, stored.etag, _runs(told.get("runs")))
        newer = f"{LIST} has format {told['format']!r}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return Condemned(etag=stored.etag)  # what nobody can read condemns nothing
    raise StoreUnavailable("STO004", newer, "Upgrade promptyard here.")


def _runs(told: Json) -> tuple[Run, ...]:
    """The runs as they were written; none where that cannot be read, since nothing rests on them."""
    try:
        return tuple(
            Run(str(r["at"]), str(r["actor"]), str(r["reason"]), int(r["removed"]), int(r["marked"]))
            for r in told or ()
        )
    except (ValueError, KeyError, TypeError):
        return ()


def write(target: Target, found: Condemned) -> None:
    """Replace the list that ``found.etag`` names; raises Conflict when somebody else wrote it meanwhile."""
    removal = found.removal
    begun: Json = (
        {"run": removal.run, "at": removal.at, "keys": sorted(removal.keys)} if removal is not None else None
    )
    runs = [asdict(run) for run in found.runs[:RUNS]]
    told: Json = {"format": FORMAT, "since": dict(found.since), "removing": begun, "runs": runs}
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
                write(target, replace(found, since=rest))
            except Conflict:
                continue
            return
        wait(attempt)
    raise PublishConflict(
        "PUB017",
        "the release is being removed by garbage collection",
        "Wait until promptyard gc is done; if it died, run it again in two hours.",
    )
