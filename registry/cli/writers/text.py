"""Findings for a person: one line each, what to do below it, and the sum at the end.

It must never decide what counts; it shows what it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from registry.diagnostics import Diagnostic, Level

_LEVELS: tuple[Level, ...] = ("error", "warning", "info")


def write_findings(console: Console, findings: Sequence[Diagnostic]) -> None:
    """Print findings as ``path:line:column: level CODE message``, which editors and terminals link."""
    for finding in findings:
        line = Text.assemble(
            (f"{finding.place}", "path"),
            ": ",
            (finding.level, finding.level),
            " ",
            (finding.code, "code"),
            f" {finding.message}",
        )
        console.print(line, soft_wrap=True)
        if finding.hint:
            console.print(Text(f"    {finding.hint}", "dim"), soft_wrap=True)


def summary(findings: Sequence[Diagnostic], files: int) -> Text:
    """How many findings of each level in how many files."""
    counts = Counter(finding.level for finding in findings)
    checked = f"{files} file{'' if files == 1 else 's'} checked"
    if not findings:
        return Text.assemble(("clean", "good"), f": {checked}")
    parts = [
        (f"{counts[level]} {level}{'' if counts[level] == 1 or level == 'info' else 's'}", level)
        for level in _LEVELS
        if counts[level]
    ]
    told = Text(", ").join(Text(words, style) for words, style in parts)
    return told.append(f": {checked}")
