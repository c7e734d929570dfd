"""Verdicts and cases as GitHub's annotations: at the suite's file, each case at its line.

It must never name a case that needs no look: GitHub shows the first ten errors of a step, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.cli.writers.github import write_github
from registry.diagnostics import Diagnostic, Level, Place
from registry.evaluation.overview import Mark
from registry.evaluation.report import Report, one_line, rows, visible
from registry.evaluation.verdict import Verdict

_MOST = 40
_BAD: tuple[Mark, ...] = ("error", "lost", "fails")


def marked(report: Report) -> tuple[Diagnostic, ...]:
    """One for each suite that stands in the way or has failing cases, then its cases, forty at most in all."""
    found = [each for verdict in report.verdicts for each in _of(verdict)]
    return tuple(found[:_MOST])


def write_annotations(report: Report, prefix: str = "") -> None:
    """Print them as workflow commands; ``prefix`` is the registry's folder below the repository's top."""
    write_github(marked(report), prefix)


def _of(verdict: Verdict) -> Iterator[Diagnostic]:
    level: Level = "error" if verdict.exit_code else "warning"
    if verdict.exit_code:
        why = one_line("; ".join(verdict.reasons), 400)
        yield Diagnostic(verdict.word, level, Place(verdict.path), f"{visible(verdict.suite)}: {why}")
    for row in (row for row in rows(verdict) if row.mark in _BAD):
        must = "required case" if row.required else "case"
        told = f"{must} {visible(row.case)} {row.mark} ({row.counts}): {row.reason}"
        place = Place(verdict.path, row.line)
        yield Diagnostic(verdict.word, level, place, told, f"Answer: {row.answer}" if row.answer else "")
