"""What every reader of a foreign format is given, and what it gives back.

It must never write a file; the command does, once everything was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from serve.core.model import Json

Level = Literal["changed", "lost", "fault"]
EntryKind = Literal["prompt", "suite", "model", "tool", "guardrail", "text"]


@dataclass(frozen=True, slots=True)
class Foreign:
    """One file of another format.

    Attributes:
        path: POSIX path below the folder that is imported.
        data: its bytes.
        sibling: the bytes of a file named relative to this one's folder, or None when it is not
            there or lies outside the imported folder.
        matching: the files that a pattern of names fits, sorted; both are relative to this one's
            folder, and only what lies in the imported folder is looked at.
    """

    path: str
    data: bytes
    sibling: Callable[[str], bytes | None]
    matching: Callable[[str], tuple[str, ...]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of ours to be written.

    ``id`` is the path below the content folder without the suffix; for ``text`` (a partial, prose,
    a dataset) it is the whole path and ``data`` is its text, otherwise ``data`` is the plain value
    of the YAML file, ``promptyard: 1`` included.
    """

    kind: EntryKind
    id: str
    data: Json


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that is not as it was: ``what`` names it, ``why`` says why and what it became.

    ``fault`` is for what is wrong with the file itself.
    """

    level: Level
    what: str
    why: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What one foreign file became; without notes it was carried over exactly."""

    path: str
    format: str
    entries: tuple[Entry, ...]
    notes: tuple[Note, ...] = ()


class Reader(Protocol):
    """A reader of one format, a module."""

    NAME: str

    def recognises(self, file: Foreign) -> bool:
        """True when the file is surely of this format, by its name and a look inside."""
        ...

    def read(self, file: Foreign, *, entry_id: str) -> Imported:
        """The entries of a file; faults of the file are notes, never exceptions.

        Args:
            file: what to read.
            entry_id: the id that the file's one prompt gets; several get ids below it.
        """
        ...
