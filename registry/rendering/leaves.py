"""Where two JSON values differ, leaf by leaf, in phrases such as ``parameters.maxTokens 50 → 60``.

Items of a list that have an ``id`` or a ``name`` go by it, so that a rule put in between moves none of the others.
It must never quote a long text: that one changed is enough to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from serve.core.model import Json

_SHORT = 40
_ABSENT: Any = object()


def leaves(old: Json, new: Json, path: str = "") -> Iterator[str]:
    """One phrase for each leaf that was added, removed or changed, in the order of the keys."""
    before, after = _parts(old), _parts(new)
    if before is None or after is None:
        if old != new or type(old) is not type(new):
            yield _phrase(path, old, new)
        return
    for key in dict.fromkeys([*before, *after]):
        here = f"{path}.{key}" if path else key
        one, other = before.get(key, _ABSENT), after.get(key, _ABSENT)
        if one is _ABSENT or other is _ABSENT:
            yield _phrase(here, one, other)
        else:
            yield from leaves(one, other, here)


def _parts(value: Json) -> Mapping[str, Json] | None:
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, (list, tuple)):
        return None
    for key in ("id", "name"):
        named = {str(item[key]): item for item in value if isinstance(item, Mapping) and key in item}
        if value and len(named) == len(value):
            return named
    return None


def _phrase(path: str, old: Json, new: Json) -> str:
    path = path or "value"
    if old is _ABSENT:
        return f"{path} added{_told(new, ': ')}"
    if new is _ABSENT:
        return f"{path} removed"
    one, other = _told(old), _told(new)
    return f"{path} {one} → {other}" if one and other else f"{path} changed"


def _told(value: Json, lead: str = "") -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return f"{lead}{text}" if 0 < len(text) <= _SHORT and "\n" not in text else ""
