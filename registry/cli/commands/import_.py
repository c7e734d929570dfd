"""``promptyard import``: prompts of another tool as files of ours, with a report of what became of each."""

from __future__ import annotations

import posixpath
from datetime import UTC, datetime
from pathlib import Path

import click

from registry.authoring.catalog import load
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.files import write_file
from registry.cli.writers.imports import markdown, report_json, summary, write_report
from registry.cli.writers.json import write_json
from registry.diagnostics import Diagnostic
from registry.errors import Usage
from registry.importing.collect import Collected, collect
from registry.importing.formats import READERS
from registry.importing.gather import gather
from registry.importing.ids import is_id
from registry.importing.overlay import OverlaidTree
from registry.importing.place import put, require_free, standing
from registry.importing.report import Report, report
from registry.release.findings import findings_of
from registry.settings import FILE


@click.command(
    "import",
    epilog=examples(
        "promptyard import ../old/prompts --dry-run",
        "promptyard import ../old/prompts --into support --report import.md",
        "promptyard import triage.prompty",
        "promptyard import notes/ --from plain",
    ),
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--from", "form", type=click.Choice(list(READERS)), help="The format; otherwise each file's own."
)
@click.option(
    "--into", metavar="FOLDER", default="", help="The folder, in the content folder, for the prompts."
)
@click.option("--dry-run", is_flag=True, help="Say what would become of each file, and write nothing.")
@click.option(
    "--report",
    "told_to",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report as Markdown.",
)
@click.option("--force", is_flag=True, help="Replace files that are there and different.")
@pass_context
def command(
    context: Context,
    paths: tuple[Path, ...],
    form: str | None,
    into: str,
    dry_run: bool,
    told_to: Path | None,
    force: bool,
) -> int:
    """Take prompts over from another tool's files.

    A PATH is a file or a folder. What is not carried over exactly is told, file by file; secrets are left
    behind. Nothing that exists is changed, and nothing is written unless all can be.

    Exit code 1 means that a file could not be taken over, or that lint has errors against one that was.
    """
    if not (context.root / FILE).is_file():
        raise Usage(
            "CFG004", f"there is no {FILE} here or above", "Run promptyard init, or pass --root PATH."
        )
    below = _folder_of_ids(into, context.settings.content)
    if told_to is not None and not told_to.absolute().parent.is_dir():
        raise Usage("IMP007", f"there is no folder {told_to.parent} for the report", "Make it first.")
    batch = [(_told_as(path), gather(path)) for path in paths]
    collected = collect(batch, context.catalog(), reader=READERS[form] if form else None, into=below)
    if not collected.taken:
        _tell_nothing(paths, collected)
    findings = _findings(context, collected)
    told = report(collected, standing(context.root, collected.files), findings, dry=dry_run)
    if not dry_run:
        put(context.root, collected.files, replace=force)
    if told_to is not None:
        write_file(told_to, markdown(told))
    _tell(context, told)
    if not force:
        require_free(told.standing)
    return int(not told.is_clean)


def _folder_of_ids(into: str, content: str) -> str:
    below = posixpath.normpath(into).strip("/") if into else ""
    if f"{below}/".startswith(f"{content}/"):
        rest = below.removeprefix(content).strip("/") or "a folder in it"
        raise Usage("IMP002", f"--into is taken below {content} already", f"Write --into {rest}.")
    if below and not is_id(below):
        raise Usage("IMP002", f"{into} cannot be a folder of ids", "Use lower-case words joined by - or /.")
    return below


def _told_as(path: Path) -> str:
    """What the paths of files below it are told to begin with: the path as it was typed."""
    folder = path if path.is_dir() else path.parent
    return "" if folder == Path() else folder.as_posix()


def _tell_nothing(paths: tuple[Path, ...], collected: Collected) -> None:
    places = ", ".join(map(str, paths))
    first = collected.skipped[0] if collected.skipped else None
    why = f" ({first.path} {first.why})" if first else ""
    advice = f"Name the format with --from: {', '.join(READERS)}."
    raise Usage("IMP006", f"no prompt of a known format in {places}{why}", advice)


def _findings(context: Context, collected: Collected) -> tuple[Diagnostic, ...]:
    """What lint says of the registry as it will be."""
    tree = OverlaidTree(context.tree(), collected.files)
    return findings_of(load(tree, context.settings), today=datetime.now(UTC).date())


def _tell(context: Context, told: Report) -> None:
    if context.json:
        write_json(report_json(told))
        return
    write_report(context.console, told)
    context.errors.print(summary(told))
    prompts = [path for path in (*told.standing.new, *told.standing.other) if path.endswith(".prompt.yaml")]
    if told.dry or not prompts:
        return
    first = prompts[0].removeprefix(f"{context.settings.content}/").removesuffix(".prompt.yaml")
    context.errors.print(f"Next: promptyard lint, then promptyard render {first}", style="dim")
