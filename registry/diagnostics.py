"""Findings as values: a bad file is data, never an exception.

Every reader, schema and lint speaks in these, so every writer can print all of them alike.
It must never print, colour or decide an exit code by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where: a path below the repository root, line and column counted from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement: from a line and column up to, not including, another, counted from 1 in characters."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """The one safe way to mend a finding, as edits of the source.

    ``changes`` names the values that may differ afterwards, by the keys and indexes that lead to them;
    everything else in the file must be read as before.
    """

    title: str
    edits: tuple[Edit, ...]
    changes: tuple[tuple[str | int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: code, place, one sentence why, one what to do, and the fix where there is one safe one."""

    code: str
    level: Level
    place: Place
    message: str
    hint: str = ""
    fix: Fix | None = None


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The same findings by path, line, column and code, doubles removed."""
    return tuple(sorted(set(diagnostics), key=lambda d: (d.place, d.code, d.message, d.hint)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """True when at least one finding is an error."""
    return any(d.level == "error" for d in diagnostics)
