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
class Diagnostic:
    """One finding: code, place, one sentence why, one what to do."""

    code: str
    level: Level
    place: Place
    message: str
    hint: str = ""


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The same findings by path, line, column and code, doubles removed."""
    return tuple(sorted(set(diagnostics), key=lambda d: (d.place, d.code, d.message, d.hint)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """True when at least one finding is an error."""
    return any(d.level == "error" for d in diagnostics)
