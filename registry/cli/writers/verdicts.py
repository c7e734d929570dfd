"""Verdicts for a person at a terminal: one block per suite, the verdict in its colour.

It must never conclude anything: every line and row comes from the report.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from registry.evaluation.report import Line, Report, Row, Tone, lines, rows, title, visible
from registry.evaluation.verdict import Verdict

_STYLES: dict[Tone, str] = {"plain": "", "good": "good", "bad": "error", "doubt": "warning", "dim": "dim"}
_MARKS = {"error": "error", "lost": "error", "fails": "error", "broken": "warning", "gained": "good"}
_MOST_ROWS = 12


def write_verdicts(console: Console, report: Report) -> None:
    """Print every verdict of a report."""
    for index, verdict in enumerate(report.verdicts):
        if index:
            console.print()
        _write(console, report, verdict)
    for suite in report.removed:
        console.print(
            Text(f"{visible(suite)}  was removed: its cases are no longer asked", "warning"), soft_wrap=True
        )
    if report.exit_code:
        console.print(Text(f"  reproduce   {visible(report.reproduce)}", "dim"), soft_wrap=True)


def _write(console: Console, report: Report, verdict: Verdict) -> None:
    console.print(Text(title(report, verdict), "path"), soft_wrap=True)
    *told, last = lines(verdict)
    for line in told:
        console.print(_line(line), soft_wrap=True)
    found = rows(verdict)
    for row in found[:_MOST_ROWS]:
        console.print(_row(row), soft_wrap=True)
    if len(found) > _MOST_ROWS:
        console.print(Text(f"  and {len(found) - _MOST_ROWS} more; --markdown or --json names all", "dim"))
    console.print(_line(last), soft_wrap=True)


def _line(line: Line) -> Text:
    return Text.assemble(
        "  ",
        (f"{line.label:<11} ", "dim" if line.label != "VERDICT" else ""),
        (line.text, _STYLES[line.tone]),
    )


def _row(row: Row) -> Text:
    required = " (required)" if row.required else ""
    reason = f"  {row.reason}" if row.reason else ""
    return Text.assemble(
        "    ",
        (f"{row.mark:<7}", _MARKS[row.mark]),
        f"{visible(row.case)}{required}  {row.counts}",
        (reason, "dim"),
    )
