"""Garbage collection: what no channel needs any more leaves the store, in two steps with a grace between them.

The first run that finds a key unneeded condemns it; a later run removes it. The grace is the time that a publish
or a reader may take at most, so no clock of the store is trusted, and a run that dies at any point harms nothing.
The signed chain of targets documents is never collected: it is the history.
It must never remove a key that it has not condemned before, nor one that is needed now.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from registry.errors import PublishConflict, Refused
from registry.publish import condemned
from registry.publish.condemned import Condemned, Removal, Run
from registry.publish.needed import Keep, Needed, Span, needed
from registry.publish.numbers import CLAIMS
from registry.publish.target import Conflict, Target
from registry.publish.times import iso, moment
from registry.settings import Channel

OBJECT_GRACE = timedelta(hours=48)
DOCUMENT_GRACE = timedelta(days=14)  # twice the life of a timestamp: whoever holds one may still ask
TAKEOVER = timedelta(hours=2)
REMOVING_AT_MOST = timedelta(minutes=30)
_OBJECTS = "objects/sha256/"
_SCRATCH = (".tmp/", "probe/")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBERED = re.compile(r"(\d+)\.(targets|snapshot)\.json")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a run would do.

    Attributes:
        remove: keys that were condemned long enough and are still unneeded.
        condemn: keys found unneeded for the first time.
        waiting: keys condemned before, each with the time from which it may be removed.
        needed: object keys that stay, each with the reason.
        found: the list of condemned keys that all this was worked out from.
    """

    remove: tuple[str, ...]
    condemn: tuple[str, ...]
    waiting: Mapping[str, datetime]
    needed: Mapping[str, str]
    found: Condemned

    @property
    def idle(self) -> bool:
        """True when a run would write nothing."""
        return not self.remove and not self.condemn and self.found.removal is None


def survey(
    target: Target,
    channels: Iterable[Channel],
    *,
    keep: Keep = Keep(),
    root: Path = Path(),
    now: Callable[[], datetime],
) -> Survey:
    """What a run would do now; nothing is written.

    Raises:
        Refused: PUB016 a channel cannot be verified here, PUB018 another run is at work.
        SignatureRefused, StoreUnavailable: as their codes say.
    """
    at = now()
    found = condemned.read(target)  # before the channels: who spares a key later makes the claim fail
    if found.removal is not None and at - _since(found.removal.at) < TAKEOVER:
        raise Refused(
            "PUB018",
            f"another garbage collection has been removing since {found.removal.at}",
            "Wait until it is done; one that died can be taken over after two hours.",
        )
    held = needed(target, channels, keep, at, root)
    left = found.removal.keys if found.removal is not None else frozenset()
    remove, condemn, waiting = [], [], {}
    for key in _unneeded(target, held):
        since = found.since.get(key)
        due = _since(since) + _grace(key) if since is not None else None
        if key in left or (due is not None and due <= at):
            remove.append(key)
        elif due is None:
            condemn.append(key)
        else:
            waiting[key] = due
    return Survey(tuple(remove), tuple(condemn), waiting, held.objects, found)


def collect(
    target: Target, plan: Survey, *, actor: str = "", reason: str = "", now: Callable[[], datetime]
) -> None:
    """Do what a survey says: claim the list, remove, and give the list back. Who and why stand in the list.

    Raises:
        PublishConflict: PUB019 when the list was changed since the survey; nothing was removed then.
        Refused: PUB020 when removing took too long; the next run goes on.
        StoreUnavailable: as its code says; the next run goes on.
    """
    if plan.idle:
        return
    begun = now()
    stays = {key: plan.found.since[key] for key in plan.waiting}
    since = stays | dict.fromkeys(plan.condemn, iso(begun))
    removal = Removal(uuid.uuid4().hex, iso(begun), frozenset(plan.remove)) if plan.remove else None
    run = Run(iso(begun), actor, reason, len(plan.remove), len(plan.condemn))
    try:
        condemned.write(target, Condemned(since, removal, plan.found.etag, (run, *plan.found.runs)))
    except Conflict as error:
        what = "a publish or another run changed the list of what is to be removed"
        raise PublishConflict("PUB019", what, "Run promptyard gc again.") from error
    if removal is None:
        return
    for key in plan.remove:
        if now() - begun > REMOVING_AT_MOST:
            what = "removing took half an hour, and what comes later is no longer certain"
            raise Refused("PUB020", what, "Run promptyard gc again in two hours: it goes on from here.")
        target.remove(key)
    _give_back(target, removal)


def removable_at(plan: Survey, now: datetime) -> datetime | None:
    """The earliest time at which a later run has something to remove; None when nothing is condemned."""
    times = [*plan.waiting.values(), *(now + _grace(key) for key in plan.condemn)]
    return min(times, default=None)


def _give_back(target: Target, removal: Removal) -> None:
    """Publishers may have taken keys off the list meanwhile: only the removal is crossed out."""
    while True:
        found = condemned.read(target)
        if found.removal is None or found.removal.run != removal.run:
            return
        try:
            condemned.write(target, replace(found, removal=None))
        except Conflict:
            continue
        return


def _unneeded(target: Target, held: Needed) -> Iterator[str]:
    for key in target.list(_OBJECTS):
        if key not in held.objects and _DIGEST.fullmatch(key.removeprefix(_OBJECTS)):
            yield key
    for name, span in held.spans.items():
        for key in target.list(f"channels/{name}/metadata/"):
            if _is_spent(key.rsplit("/", 1)[-1], span):
                yield key
    yield from _spent_claims(target, held)
    for folder in _SCRATCH:
        yield from (key for key in target.list(folder) if not key.endswith("/"))


def _is_spent(name: str, span: Span) -> bool:
    """True for a snapshot that was followed by another, and for targets that no chain of history leads to."""
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None:
        return False
    version = int(numbered[1])
    if numbered[2] == "snapshot":
        return version < span.snapshot
    return span.versions[0] < version < span.versions[-1] and version not in span.versions


def _spent_claims(target: Target, held: Needed) -> Iterator[str]:
    """Claims of numbers that can never be given out again; the highest claim always stays."""
    claims = {key: key.removeprefix(CLAIMS) for key in target.list(CLAIMS)}
    numbers = {key: int(name) for key, name in claims.items() if name.isascii() and name.isdigit()}
    reached = min(
        max((span.highest for span in held.spans.values()), default=0), max(numbers.values(), default=0)
    )
    yield from (key for key, number in numbers.items() if number < reached)


def _grace(key: str) -> timedelta:
    return DOCUMENT_GRACE if key.startswith(("channels/", CLAIMS)) else OBJECT_GRACE


def _since(text: str) -> datetime:
    """Since when; for what nobody of ours wrote a time at which it is never due."""
    try:
        return moment(text)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC) - DOCUMENT_GRACE
