"""What became of an import, as values: one outcome for each file, and the sum of all.

It must never decide how it is told, nor call a file exact that has a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from registry.diagnostics import Diagnostic
from registry.importing.collect import Collected, Taken
from registry.importing.gather import Skipped
from registry.importing.place import Standing
from registry.importing.port import Note

Outcome = Literal["exact", "changed", "lost", "fault", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("exact", "changed", "lost", "fault", "refused")


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file that was read: what it became, each note, and what lint says of what it became.

    ``outcome`` is the gravest of the notes; ``refused`` where nothing came of it at all.
    """

    path: str
    format: str
    outcome: Outcome
    written: tuple[str, ...]
    notes: tuple[Note, ...]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole import. ``standing`` says of each file of ours whether it is new, was there, or was replaced."""

    files: tuple[FileReport, ...]
    skipped: tuple[Skipped, ...]
    standing: Standing
    dry: bool

    @property
    def is_clean(self) -> bool:
        """True where every file became something and lint has no error against it; a loss that is told is none."""
        has_errors = any(finding.level == "error" for file in self.files for finding in file.findings)
        return not has_errors and all(file.outcome != "refused" for file in self.files)

    def count(self, outcome: Outcome) -> int:
        """How many files have an outcome."""
        return sum(file.outcome == outcome for file in self.files)


def report(collected: Collected, standing: Standing, findings: Sequence[Diagnostic], *, dry: bool) -> Report:
    """The report of an import.

    Args:
        collected: what was read.
        standing: how its files stand to those on disk.
        findings: what lint says of the registry with them.
        dry: True where nothing was written.
    """
    by_path: dict[str, list[Diagnostic]] = {}
    for finding in findings:
        by_path.setdefault(finding.place.path, []).append(finding)
    return Report(tuple(_file(taken, by_path) for taken in collected.taken), collected.skipped, standing, dry)


def _file(taken: Taken, findings: Mapping[str, Sequence[Diagnostic]]) -> FileReport:
    return FileReport(
        taken.path,
        taken.format,
        _outcome(taken),
        tuple(taken.files),
        taken.notes,
        tuple(finding for path in taken.files for finding in findings.get(path, ())),
    )


def _outcome(taken: Taken) -> Outcome:
    levels = {note.level for note in taken.notes}
    if not taken.files and levels != {"changed"}:  # a part of another file becomes nothing of its own
        return "refused"
    return next((level for level in reversed(OUTCOMES) if level in levels), "exact")
