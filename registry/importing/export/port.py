"""What a writer of another format is given and gives back.

It must never write a file that would send other messages: what a format cannot hold is a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from registry.importing.export.whole import Whole
from registry.importing.port import Note


@dataclass(frozen=True, slots=True)
class Exported:
    """One file in another format.

    Attributes:
        name: its name; the folder is that of the prompt's id.
        text: what it holds; None where the format cannot hold the prompt's messages.
        notes: what is not carried over; faults say why there is no file.
    """

    name: str
    text: str | None
    notes: tuple[Note, ...]


class Writer(Protocol):
    """A writer of one format, a module."""

    NAME: str

    def write(self, whole: Whole) -> Exported:
        """The file of a prompt, or of one variant of it."""
        ...


class Unheld(Exception):
    """A piece of a template that the format cannot hold, in one clause, with its line from 1."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
