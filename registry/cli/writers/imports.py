"""What became of an import: for a person at a terminal, as Markdown for a pull request, as JSON.

It must never leave a note out, nor let a foreign file's words act as Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.text import Text

from registry.cli.writers.json import findings_json
from registry.cli.writers.markdown import code
from registry.diagnostics import Diagnostic
from registry.importing.port import Note
from registry.importing.report import OUTCOMES, FileReport, Report
from serve.core.model import Json

_STYLES = {"exact": "good", "changed": "info", "lost": "warning", "fault": "error", "refused": "error"}
_SIGNS = {"exact": "✅", "changed": "✅", "lost": "⚠️", "fault": "⚠️", "refused": "❌"}
_SKIPS_SHOWN = 10


def write_report(console: Console, report: Report, *, all_skipped: bool = False) -> None:
    """Print a report: each file with its notes, then what was passed over."""
    for file in report.files:
        _file(console, file)
    shown = report.skipped if all_skipped else report.skipped[:_SKIPS_SHOWN]
    for item in shown:
        console.print(
            Text.assemble(("skipped  ", "dim"), item.path, (f"  {item.why}", "dim")), soft_wrap=True
        )
    if len(shown) < len(report.skipped):
        more = f"skipped  {len(report.skipped) - len(shown)} more; --json and --report name all"
        console.print(Text(more, "dim"), soft_wrap=True)


def summary(report: Report) -> Text:
    """One line: how many files with which outcome, and what was written."""
    counts = [(outcome, report.count(outcome)) for outcome in OUTCOMES]
    told = Text(", ").join(Text(f"{count} {outcome}", _STYLES[outcome]) for outcome, count in counts if count)
    files = f"{len(report.files)} file{'' if len(report.files) == 1 else 's'}"
    line = Text(f"{files}: ").append(told) if report.files else Text("no file")
    standing = report.standing
    verb = "would be written" if report.dry else "written"
    line.append(f"; {len(standing.new)} {verb}")
    if standing.other:
        line.append(f", {len(standing.other)} {'would be replaced' if report.dry else 'replaced'}")
    if standing.equal:
        line.append(f", {len(standing.equal)} there already")
    return line


def report_json(report: Report) -> Json:
    """A report as one JSON value."""
    return {
        "clean": report.is_clean,
        "dryRun": report.dry,
        "files": [_file_json(file) for file in report.files],
        "skipped": [{"path": item.path, "why": item.why} for item in report.skipped],
        "new": list(report.standing.new),
        "kept": list(report.standing.equal),
        "replaced": list(report.standing.other),
    }


def markdown(report: Report) -> str:
    """A report as Markdown: a table of all files, then the notes of each."""
    return "\n".join([*_overview(report), *(line for file in report.files for line in _details(file))]) + "\n"


def _file(console: Console, file: FileReport) -> None:
    ids = ", ".join(file.written) or "nothing"
    head = Text.assemble((f"{file.outcome:<8} ", _STYLES[file.outcome]), (file.path, "path"))
    console.print(head.append(f" ({file.format}) → {ids}"), soft_wrap=True)
    for note in _together(file.notes):
        console.print(
            Text.assemble("    ", (f"{note.level:<8}", _STYLES[note.level]), _sentence(note)), soft_wrap=True
        )
    for finding in file.findings:
        if finding.level == "error":
            console.print(Text.assemble("    ", ("lint    ", "error"), _finding(finding)), soft_wrap=True)


def _together(notes: Sequence[Note]) -> list[Note]:
    """Notes of one reason as one, which names all that it holds for."""
    alike: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        alike.setdefault((note.level, note.why), []).append(note)
    return [
        each[0] if len(each) == 1 else replace(each[0], what=", ".join(map(_placed, each)), line=None)
        for each in alike.values()
    ]


def _placed(note: Note) -> str:
    return f"{note.what} (line {note.line})" if note.line else note.what


def _sentence(note: Note) -> str:
    return f"{_placed(note)}: {note.why}"


def _finding(finding: Diagnostic) -> str:
    return f"{finding.code} {finding.place.path}:{finding.place.line} {finding.message} {finding.hint}"


def _file_json(file: FileReport) -> dict[str, Any]:
    notes = [
        {"level": note.level, "what": note.what, "why": note.why, "line": note.line} for note in file.notes
    ]
    return {
        "path": file.path,
        "format": file.format,
        "outcome": file.outcome,
        "written": list(file.written),
        "notes": notes,
        "findings": findings_json(file.findings),
    }


def _overview(report: Report) -> Iterator[str]:
    yield "# Import"
    yield ""
    yield f"{summary(report).plain}."
    if report.files:
        yield ""
        yield "| file | format | outcome | became |"
        yield "|---|---|---|---|"
        yield from (
            f"| {code(file.path)} | {file.format} | {_SIGNS[file.outcome]} {file.outcome} |"
            f" {', '.join(map(code, file.written)) or 'nothing'} |"
            for file in report.files
        )
    if report.skipped:
        yield ""
        yield "## Passed over"
        yield ""
        yield from (f"- {code(item.path)}: {item.why}" for item in report.skipped)


def _details(file: FileReport) -> Iterator[str]:
    if not file.notes and not file.findings:
        return
    yield ""
    yield f"## {code(file.path)}"
    yield ""
    for note in file.notes:
        line = f" (line {note.line})" if note.line else ""
        yield f"- **{note.level}** {code(note.what)}{line}: {code(note.why)}"
    for finding in file.findings:
        yield f"- **lint {finding.level}** {finding.code} {code(f'{finding.message} {finding.hint}'.strip())}"
