"""An id for a file of another tool: its path, in the letters that ids have, and no two alike.

It must never give the same id twice, nor depend on the order in which a disk lists its files.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata

LONGEST = 80
_ROOM = 60  # leaves some for the ids that a reader puts below a file's own
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*")
_SUFFIX = re.compile(
    r"(\.(prompt|chatmode|instructions|agent|langfuse|aiconfig|promptfoo))?"
    r"\.(yaml|yml|json|prompty|prompt|aiconfig|md|mdc|markdown|txt|toml)$",
    re.IGNORECASE,
)
_GENERIC = frozenset((
    "promptfooconfig", "skill", "agent", "agents", "prompt", "prompts", "index", "aiconfig", "config", "system",
))  # fmt: skip


def is_id(text: str) -> bool:
    """True for a text that can be an id below another folder or by itself."""
    return len(text) <= LONGEST and bool(_PLAIN.fullmatch(text))


def id_of(path: str, *, folder: str, below: str = "") -> str:
    """The id that a file's name asks for.

    Args:
        path: its path below the folder that is imported.
        folder: the name of that folder, for a file whose own name says nothing, such as ``SKILL.md``.
        below: the folder, in the content folder, that it goes into.
    """
    place, name = posixpath.split(path)
    stem = _SUFFIX.sub("", name)
    if stem.lower() in _GENERIC and (place or folder):
        stem = "" if place else folder
    steps = [slug for step in (*place.split("/"), stem) if (slug := _slug(step))]
    return _short("/".join([*filter(None, below.split("/")), *(steps or ["prompt"])]), _ROOM)


def shortened(entry_id: str) -> str:
    """The id itself, or one of 80 characters that begins alike and is still like no other."""
    return _short(entry_id, LONGEST)


def untaken(entry_id: str, taken: set[str]) -> str:
    """The id, with a number behind it where it is taken; it counts as taken from now on."""
    free, number = entry_id, 1
    while free in taken:
        number += 1
        free = f"{entry_id}-{number}"
    taken.add(free)
    return free


def _slug(text: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).casefold()
    plain = "".join(char for char in unicodedata.normalize("NFKD", words) if not unicodedata.combining(char))
    slug = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")
    if slug or not text.strip(". "):
        return slug
    return f"x{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _short(entry_id: str, length: int) -> str:
    if len(entry_id) <= length:
        return entry_id
    mark = hashlib.sha256(entry_id.encode()).hexdigest()[:6]
    return f"{entry_id[: length - 7].rstrip('-_/')}-{mark}"
