"""Keys and endpoints stay behind: what an imported file holds of them is named and never carried.

It must never repeat a secret, not even in a note.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing.port import Note
from registry.validation.lints import sec002_secret
from serve.core.model import Json

_NAMES = re.compile(
    r"(api[_-]?key|secret|password|passwd|authorization|credential|access[_-]?key|private[_-]?key|bearer)"
    r"|(^|_)token$",
    re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """True for the name of a key whose value is a secret in every format we know."""
    return bool(_NAMES.search(name))


def without_secrets(text: str, where: str) -> tuple[str, tuple[Note, ...]]:
    """A text with everything that looks like a key replaced, and a note for each kind found."""
    clean, kinds = sec002_secret.redact(text, "[removed]")
    notes = (
        Note("lost", where, f"{kind} stood in it; revoke it, it was public to readers") for kind in kinds
    )
    return clean, tuple(notes)


def scrubbed(value: Json, where: str) -> tuple[Json, tuple[Note, ...]]:
    """A JSON value without secrets, deep: keys by their name, texts by their look."""
    notes: list[Note] = []
    return _scrub(value, where, notes), tuple(notes)


def _scrub(value: Json, where: str, notes: list[Note]) -> Json:
    if isinstance(value, str):
        clean, found = without_secrets(value, where)
        notes += found
        return clean
    if isinstance(value, list):
        return [_scrub(item, where, notes) for item in value]
    if isinstance(value, Mapping):
        kept = {}
        for key, item in value.items():
            if is_secret_name(str(key)) and isinstance(item, str):
                notes.append(Note("lost", f"{where}: {key}", "secrets stay out of files"))
            else:
                kept[key] = _scrub(item, f"{where}: {key}", notes)
        return kept
    return value
