"""The views of a report: files of several forms, and what stands on the terminal.

A run and a record are shown by the same code, so a view made later is the view that was made then.
It must never change what was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from registry.cli.context import Context
from registry.cli.writers.files import write_file
from registry.cli.writers.verdicts import write_verdicts
from registry.evaluation.history import Trend, points, points_of_runs, trends
from registry.evaluation.report import Report

Form = Literal["text", "github"]
RUNS = ".promptyard/runs"
_PAST = 20


@dataclass(frozen=True, slots=True)
class Views:
    """What was asked for: a file for each form, and how the terminal is written."""

    html: Path | None = None
    junit: Path | None = None
    markdown: Path | None = None
    form: Form = "text"

    @property
    def files(self) -> tuple[Path, ...]:
        """Those that were named."""
        return tuple(path for path in (self.html, self.junit, self.markdown) if path is not None)

    def make_room(self) -> None:
        """Make the folders that the files go to; better told before a model is asked than after."""
        for path in self.files:
            path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, context: Context, report: Report, record: Path) -> None:
        """Write the files that were named; raises Usage as :func:`registry.cli.writers.files.write_file` does."""
        if self.junit is not None:
            from registry.cli.writers import junit

            write_file(self.junit, junit.verdicts(report))
        if self.markdown is not None:
            from registry.cli.writers import markdown

            write_file(self.markdown, markdown.verdicts(report))
        if self.html is not None:
            write_file(self.html, html_of(report, record, context.root / RUNS))

    def tell(self, context: Context, report: Report) -> None:
        """Write the report on the terminal; annotations take standard output for themselves, as those of lint."""
        if self.form == "github":
            from registry.cli.writers.annotations import write_annotations

            write_annotations(report, context.prefix())
        write_verdicts(context.errors if self.form == "github" else context.console, report)


def html_of(report: Report, record: Path, runs: Path) -> str:
    """The HTML page of a report whose answers are in a record, with the runs that came before it."""
    from registry.cli.writers.html import report_page
    from registry.evaluation.exhibits import choose, exhibits
    from registry.evaluation.recorded import read_answers

    chosen = choose(report)
    wanted = {(suite, row.case) for suite, choice in chosen.items() for row in choice.chosen}
    shown = exhibits(report, chosen, read_answers(record, wanted))
    return report_page(report, shown, _past(report, runs), record=record.name)


def _past(report: Report, runs: Path) -> tuple[Trend, ...]:
    suites = [verdict.suite for verdict in report.verdicts]
    before = [point for point in points_of_runs(runs, limit=_PAST) if point.at < report.at]
    return trends([*before, *points(report)], suites=suites)
