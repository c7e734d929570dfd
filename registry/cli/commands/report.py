"""``promptyard report``: every view of a test run, made again from its record alone."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.testing.views import RUNS, Form, Views
from registry.cli.writers.json import write_json_stream
from registry.cli.writers.report_json import report_json
from registry.errors import Usage
from registry.evaluation.recorded import read_report

_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command(
    "report",
    epilog=examples(
        "promptyard report                          # the last run, on the terminal",
        "promptyard report --html report.html",
        "promptyard report run.jsonl --markdown comment.md --junit report.xml",
    ),
)
@click.argument("record", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--html", type=_OUT, metavar="FILE", help="Write one page that anybody can read.")
@click.option("--junit", type=_OUT, metavar="FILE", help="Write JUnit XML.")
@click.option("--markdown", type=_OUT, metavar="FILE", help="Write a pull-request comment.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github"]),
    default="text",
    help="github: annotations at the cases' lines.",
)
@pass_context
def command(
    context: Context,
    record: Path | None,
    html: Path | None,
    junit: Path | None,
    markdown: Path | None,
    form: Form,
) -> None:
    """Show a test run again, as its RECORD has it: no model is asked, and nothing is judged anew.

    RECORD is the JSONL file of a run, by default the newest in .promptyard/runs. The exit code is 0
    whatever the verdict was; --json tells the one that the run had.
    """
    path = record or newest_record(context.root / RUNS)
    recorded = read_report(path)
    views = Views(html, junit, markdown, form)
    views.make_room()
    views.write(context, recorded.report, path)
    if recorded.unfinished:
        told = f"a later run added answers to {path.name} and came to no verdict; this is the one before"
        context.errors.print(Text(told, "warning"), soft_wrap=True)
    if context.json:
        write_json_stream(report_json(recorded.report))
    else:
        views.tell(context, recorded.report)


def newest_record(runs: Path) -> Path:
    """The record of the last run that was not named; raises Usage (RPT003) where there is none."""
    found = max(runs.glob("*.jsonl"), default=None, key=lambda path: path.name)
    if found is None:
        raise Usage("RPT003", "no test run has left a record here", "Run promptyard test, or name a record.")
    return found
