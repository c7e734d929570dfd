"""Singular paths into a JSON value: ``$.team``, ``$.lines[0].amount``, ``$['odd key']``.

The subset of RFC 9535 (JSONPath) that names at most one place, so that a check has one value to look at.
It must never guess: a path that does not parse is a problem before anything runs.
"""

from __future__ import annotations

import re
from functools import lru_cache

from serve.core.model import Json

_STEP = re.compile(
    r"\.(?P<name>[^\W\d][\w-]*)"
    r"|\[(?P<index>-?(?:0|[1-9][0-9]{0,8}))\]"
    r"|\['(?P<single>[^'\\]*)'\]"
    r'|\["(?P<double>[^"\\]*)"\]'
)


class PathError(ValueError):
    """A path that does not parse."""


class NothingThere(LookupError):
    """The value has no such place."""


@lru_cache(maxsize=1024)
def steps_of(path: str) -> tuple[str | int, ...]:
    """The names and indexes of a path; raises PathError."""
    if not path.startswith("$"):
        raise PathError("it must start with $")
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise PathError(f"character {at + 1} begins neither .name nor [0] nor ['name']")
        at = match.end()
        index = match["index"]
        names = (match["name"], match["single"], match["double"])
        steps.append(int(index) if index is not None else next(name for name in names if name is not None))
    return tuple(steps)


def look_up(value: Json, path: str) -> Json:
    """What stands at a path; raises NothingThere."""
    for step in steps_of(path):
        if not _has(value, step):
            raise NothingThere(path)
        value = value[step]
    return value


def _has(value: Json, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and -len(value) <= step < len(value)
    return isinstance(value, dict) and step in value
