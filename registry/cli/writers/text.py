"""Findings for a person: one line each, what to do below it, and the sum at the end.

On a terminal the line in question is shown with a mark under the place, and files stand apart.
It must never decide what counts, show a line that may hold a secret, nor let a text of a file move the cursor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from registry.diagnostics import Diagnostic, Level

Row = Callable[[str, int], str | None]
_LEVELS: tuple[Level, ...] = ("error", "warning", "info")
_SECRET = "SEC002"  # noqa: S105  # a code, not a secret
_LEAD = 8


def write_findings(console: Console, findings: Sequence[Diagnostic], row: Row | None = None) -> None:
    """Print findings as ``path:line:column: level CODE message``, which editors and terminals link.

    Args:
        console: where to.
        findings: in the order in which they shall stand.
        row: a line of a file by path and number; on a terminal it is shown below the finding.
    """
    rich = row is not None and console.is_terminal
    before = None
    for finding in findings:
        if rich and before not in (None, finding.place.path):
            console.print()
        before = finding.place.path
        line = Text.assemble(
            (_visible(f"{finding.place}"), "path"),
            ": ",
            (finding.level, finding.level),
            " ",
            (finding.code, "code"),
            f" {_visible(finding.message)}",
        )
        console.print(line, soft_wrap=True)
        if rich and row is not None and finding.code != _SECRET:
            _write_row(console, finding, row(finding.place.path, finding.place.line))
        if finding.hint:
            hint = Text.assemble(
                (f"    {_visible(finding.hint)}", "dim"),
                ("  (--fix)" if rich and finding.fix else "", "good"),
            )
            console.print(hint, soft_wrap=True)


def summary(findings: Sequence[Diagnostic], files: int, excused: int = 0) -> Text:
    """How many findings of each level in how many files, and how many are excused."""
    counts = Counter(finding.level for finding in findings)
    parts: list[tuple[str, str]] = [
        (f"{counts[level]} {level}{'' if counts[level] == 1 or level == 'info' else 's'}", level)
        for level in _LEVELS
        if counts[level]
    ]
    parts = parts or [("clean", "good")]
    parts += [(f"{excused} excused", "dim")] if excused else []
    told = Text(", ").join(Text(words, style) for words, style in parts)
    return told.append(f": {files} file{'' if files == 1 else 's'} checked")


def next_steps(findings: Sequence[Diagnostic]) -> Text | None:
    """What can be run next: the fixes, and the explanation of the first finding; None when all is clean."""
    if not findings:
        return None
    fixes = sum(finding.fix is not None for finding in findings)
    first = next((each for each in findings if each.level == "error"), findings[0])
    mends = f"promptyard lint --fix mends {fixes} of them; " if fixes else ""
    return Text(f"{mends}promptyard lint --explain {first.code} tells more.", "dim")


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _write_row(console: Console, finding: Diagnostic, row: str | None) -> None:
    """The line of a finding with a mark below it; a long one is cut around the mark."""
    if row is None or not row.strip():
        return
    width = max(console.width - _LEAD - 2, 20)
    at = min(finding.place.column - 1, len(row))
    start = max(0, at - width // 2) if len(row) > width else 0
    shown = "".join(char if char.isprintable() else " " for char in row[start : start + width])
    number = f"{finding.place.line:>{_LEAD - 3}}"
    console.print(Text.assemble((f"{number} │ ", "dim"), shown), soft_wrap=True)
    mark = " " * cell_len(shown[: at - start]) + "^"
    console.print(Text.assemble((f"{'':>{len(number)}} │ ", "dim"), (mark, finding.level)), soft_wrap=True)
