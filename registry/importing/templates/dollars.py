"""``${NAME}`` in a text that was plain: it stays the text that it is, and nothing takes it for the environment.

Lint refuses such a name in a file, because other formats have filled in a service's keys there. Here it was
never more than text, so it is written in a way that only renders to it.
It must never change what is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing.port import Note
from serve.core.model import Json

_NAME = re.compile(r"\$(\{\s*(?:[eE][nN][vV]\b[^}]*|[A-Z][A-Z0-9_]*)\})")


def dollars_quoted(value: Json) -> tuple[Json, tuple[Note, ...]]:
    """Templates, alone or in messages, with each such name as text, and a note that lists them."""
    names: dict[str, None] = {}
    made = _quoted(value, names)
    if not names:
        return made, ()
    shown = ", ".join(list(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    why = "is text here, as it was; no environment is read"
    return made, (Note("changed", shown, why),)


def _quoted(value: Json, names: dict[str, None]) -> Json:
    if isinstance(value, str):
        names.update((found[0], None) for found in _NAME.finditer(value))
        return _NAME.sub(r"{{ '$' }}\1", value)
    if isinstance(value, list):
        return [_quoted(item, names) for item in value]
    if isinstance(value, Mapping):
        return {key: _quoted(item, names) for key, item in value.items()}
    return value
