"""Whether a store keeps the promises that the commit protocol rests on.

Some S3 look-alikes accept a condition and ignore it; two publishers would then overwrite each other unseen.
It must never touch a key that anything else uses, except ``store.json``, where the result is remembered.

Source: Amazon S3 conditional writes (If-None-Match, If-Match); RFC 9110, section 13.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from registry.errors import StoreUnavailable
from registry.publish.target import STORE, Conflict, Target
from serve.core.digest import canonical
from serve.core.model import Json

FORMAT = 1


def ensure(target: Target, *, now: Callable[[], datetime], nonce: Callable[[], str]) -> None:
    """Trust a store that was checked before, check one that was not.

    Raises:
        StoreUnavailable: STO001 not reached, STO002 ignores conditions, STO004 made by a newer Promptyard.
    """
    remembered = _remembered(target)
    if remembered.get("conditionalWrites") is True:
        target.recall({key: value for key, value in remembered.items() if isinstance(value, str)})
        return
    check(target, now=now, nonce=nonce)


def check(target: Target, *, now: Callable[[], datetime], nonce: Callable[[], str]) -> Mapping[str, Json]:
    """Try every promise on a key of its own and remember the result in ``store.json``, which is returned.

    Raises:
        StoreUnavailable: STO002 names the promise that was broken; nothing is remembered then.
    """
    key = f"probe/{nonce()}"
    try:
        _try_promises(target, key)
    finally:
        target.remove(key)
    found: dict[str, Json] = {
        "format": FORMAT,
        "conditionalWrites": True,
        "checkedAt": now().isoformat(timespec="seconds"),
        **target.traits(),
    }
    stored = target.read(STORE)
    with suppress(Conflict):  # another publisher checked at the same time and found the same
        target.replace_if(STORE, canonical(found), stored.etag if stored else None)
    return found


def _try_promises(target: Target, key: str) -> None:
    target.put_once(key, b"first", immutable=False)
    if not _refused(lambda: target.put_once(key, b"second", immutable=False)):
        raise _broken("overwrites a key that was to be created once (If-None-Match)")
    first = target.read(key)
    if first is None or first.data != b"first":
        raise _broken("does not give back what was written")
    try:
        target.replace_if(key, b"third", first.etag)
    except Conflict as error:
        raise _broken("refuses to replace a key under its own tag (If-Match)") from error
    if not _refused(lambda: target.replace_if(key, b"fourth", first.etag)):
        raise _broken("replaces a key under a tag that is no longer its own (If-Match)")
    third = target.read(key)
    if third is None or third.data != b"third":
        raise _broken("does not give back what was written")
    if not target.unchanged(key, third.etag) or target.unchanged(key, first.etag):
        raise _broken("does not answer conditional reads (If-None-Match)")


def _refused(write: Callable[[], None]) -> bool:
    try:
        write()
    except Conflict:
        return True
    return False


def _remembered(target: Target) -> dict[str, Json]:
    stored = target.read(STORE)
    if stored is None:
        return {}
    try:
        found = json.loads(stored.data)
    except ValueError:
        return {}  # what cannot be read is checked again
    if not isinstance(found, dict):
        return {}
    if found.get("format", FORMAT) != FORMAT:
        raise StoreUnavailable(
            "STO004", f"the store has format {found['format']!r}", "Upgrade promptyard here."
        )
    return found


def _broken(promise: str) -> StoreUnavailable:
    return StoreUnavailable(
        "STO002",
        f"the store {promise}",
        "Use a store with conditional writes; on S3, a bucket without versioning may help.",
    )
