"""``promptyard annotate``: what people say of a run's answers, kept beside the suite."""

from __future__ import annotations

import getpass
import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from registry.authoring.catalog import Catalog
from registry.cli.annotating import Dialogue
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.files import write_file
from registry.cli.writers.json import write_json
from registry.cli.writers.text import write_findings
from registry.errors import PromptyardError, Usage
from registry.evaluation.annotation import LabelFile, Question, agreements, questions, still_open
from registry.evaluation.annotation_sheet import RowRead, read_sheet, write_sheet
from registry.evaluation.calibration import SUFFIX, Label, agreed, latest, path_beside
from registry.evaluation.judges.standing import NEEDED
from registry.evaluation.problem import did_you_mean
from registry.evaluation.record import read_record
from registry.evaluation.records import Suite
from registry.evaluation.report import one_line
from registry.evaluation.suite import read_suites
from serve.core.codec import to_json

_RUNS = ".promptyard/runs"
_LOOK_BACK = 20
_PROMPT_SUFFIXES = (".prompt.yaml", ".prompt.yml")
_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "annotate",
    epilog=examples(
        "promptyard annotate support/triage",
        "promptyard annotate --ask 'Would you send this to a customer?'",
        "promptyard annotate support/triage --csv labels.csv",
        "promptyard annotate support/triage --from-csv labels.csv --as 'Ada Lovelace'",
    ),
)
@click.argument("names", metavar="[SUITE]...", nargs=-1)
@click.option("--record", type=_THERE, metavar="FILE", help="The answers of this run, not of the last.")
@click.option("--as", "who", metavar="NAME", help="Who says so; default: Git's user.name.")
@click.option("--ask", "general", metavar="TEXT", help="Ask this of every answer, not what the suites ask.")
@click.option("--csv", "sheet", type=_FILE, metavar="FILE", help="Write the questions as a spreadsheet.")
@click.option("--from-csv", "returned", type=_THERE, metavar="FILE", help="Take a filled spreadsheet back.")
@click.option("--status", is_flag=True, help="Show how many labels there are and how far people agree.")
@pass_context
def command(context: Context, /, **given: Any) -> int | None:
    """Label the answers of the last test run, one key each: y, n, s skip, c comment, u undo, q quit.

    Labels lie beside the suite (*.calibration.jsonl) and are committed with it; a judge is held against them.
    Every label is saved at once; the next call goes on where you stopped and asks nothing twice.
    """
    if given["sheet"] is not None and given["returned"] is not None:
        raise Usage("ANN004", "--csv writes a sheet and --from-csv reads one", "Choose one of them.")
    catalog = context.catalog()
    suites, findings = read_suites(catalog)
    errors = [each for each in (*catalog.problems, *findings) if each.level == "error"]
    if errors:  # a suite or its labels cannot be read: what is asked of it would be left out without a word
        write_findings(context.errors, errors)
        return 2
    work = _begin(context, given, catalog, suites)
    if given["sheet"] is not None:
        _write(context, work, given["sheet"])
        return None
    if given["returned"] is not None:
        return _take(context, work, given["returned"])
    if not given["status"]:
        _ask(context, work)
    _tell(context, work)
    return None


@dataclass(frozen=True, slots=True)
class _Work:
    asked: tuple[Question, ...]
    files: dict[str, LabelFile]
    who: str

    @property
    def labels(self) -> list[Label]:
        return [label for file in self.files.values() for label in file.labels]


def _begin(context: Context, given: dict[str, Any], catalog: Catalog, suites: Sequence[Suite]) -> _Work:
    chosen = _chosen(suites, given["names"])
    places = {suite.id: _labels_of(catalog, suite) for suite in chosen}
    files = {path: LabelFile(context.root, path) for path in sorted(set(places.values()))}
    who = (given["who"] or "").strip() or _me(context)
    if given["status"]:
        return _Work((), files, who)
    runs = [given["record"]] if given["record"] is not None else _last_runs(context.root)
    for place in runs:
        asked, outdated = questions(chosen, read_record(place), places, given["general"])
        if asked or outdated:
            break
    if outdated:
        told = f"left out, as their inputs are others now: {_counted(outdated, 'case')}; run promptyard test again"
        context.errors.print(Text(told, "warning"), soft_wrap=True)
    if not asked:
        where = runs[0].name if len(runs) == 1 else f"none of the last {len(runs)} runs"
        what = f"{where} holds no answer to a case of {', '.join(given['names']) or 'the suites'}"
        raise Usage("ANN001", what, "Run promptyard test first, or name a run with --record.")
    return _Work(asked, files, who)


def _chosen(suites: Sequence[Suite], names: Sequence[str]) -> list[Suite]:
    known = {name for suite in suites for name in (suite.id, suite.prompt)}
    for name in names:
        if name not in known:
            raise Usage("EVL005", f"no suite tests {name}", did_you_mean(name, known))
    return [suite for suite in suites if not names or suite.id in names or suite.prompt in names]


def _last_runs(root: Path) -> list[Path]:
    """The records of the last runs, the newest first: one may have been of other suites."""
    runs = sorted((root / _RUNS).glob("*.jsonl"), reverse=True)[:_LOOK_BACK]
    if not runs:
        raise Usage("ANN001", "there is no run whose answers could be labelled", "Run promptyard test first.")
    return runs


def _labels_of(catalog: Catalog, suite: Suite) -> str:
    """Where the labels of a suite lie: where its judge looks for them, else beside it."""
    document = catalog.documents.get("suite", {}).get(suite.id)
    judge = document.data.get("judge") if document is not None and isinstance(document.data, dict) else None
    named = judge.get("calibration") if isinstance(judge, dict) else None
    if isinstance(named, str):
        return posixpath.normpath(posixpath.join(posixpath.dirname(suite.path), named))
    for suffix in _PROMPT_SUFFIXES:
        if suite.path.endswith(suffix):
            return suite.path.removesuffix(suffix) + SUFFIX
    return path_beside(suite.path)


def _me(context: Context) -> str:
    try:
        name = context.repository().author.partition(" <")[0]
    except PromptyardError:
        name = ""
    return name or getpass.getuser()


def _ask(context: Context, work: _Work) -> None:
    left = still_open(work.asked, work.labels, work.who)
    if not left:
        context.errors.print(Text(f"{one_line(work.who)} has labelled every answer of this run.", "good"))
        return
    before = len(work.asked) - len(left)
    told = f"{_counted(len(left), 'answer')} for {one_line(work.who)}" + (
        f", {before} labelled already" if before else ""
    )
    context.errors.print(Text(told, "dim"))
    Dialogue(context.errors, work.who, work.files).walk(left)


def _write(context: Context, work: _Work, place: Path) -> None:
    write_file(place, write_sheet(work.asked, work.labels, work.who).decode())
    if context.json:
        write_json({"file": str(place), "rows": len(work.asked)})
        return
    told = Text.assemble(
        ("wrote", "good"), " ", (str(place), "path"), f", {_counted(len(work.asked), 'answer')}"
    )
    context.console.print(told, soft_wrap=True)
    context.errors.print(
        Text(
            "Fill the label column with y, n or s, save as CSV UTF-8, and take it back with --from-csv.",
            "dim",
        ),
        soft_wrap=True,
    )


def _take(context: Context, work: _Work, place: Path) -> int:
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = list(read_sheet(place.read_bytes(), work.asked, work.labels, work.who, when))
    where = {question.item: question.place for question in work.asked}
    for row in rows:
        if row.label is not None:
            work.files[where[row.label.item]].add(row.label)
    refused = any(row.fate == "refused" for row in rows)
    if context.json:
        write_json({"rows": [to_json(row) for row in rows], **_summary(work)})
        return 1 if refused else 0
    _tell_rows(context, rows)
    _tell(context, work)
    return 1 if refused else 0


def _tell_rows(context: Context, rows: Iterable[RowRead]) -> None:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.fate] = counts.get(row.fate, 0) + 1
        style = {"taken": "good", "refused": "error"}.get(row.fate, "dim")
        told = f": {row.why}" if row.why else f" ({row.label.label})" if row.label is not None else ""
        context.console.print(
            Text.assemble(f"row {row.row}  {one_line(row.case)}  ", (row.fate, style), told), soft_wrap=True
        )
    context.console.print(Text(", ".join(f"{count} {fate}" for fate, count in counts.items()) or "no rows"))


def _summary(work: _Work) -> dict[str, Any]:
    return {
        "files": [_of_file(file) for file in work.files.values()],
        "people": dict(
            sorted(Counter(it.who for it in latest(work.labels).values() if it.label != "skip").items())
        ),
        "agreement": [
            {"people": [one, other], **to_json(found)} for one, other, found in agreements(work.labels)
        ],
    }


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _of_file(file: LabelFile) -> dict[str, Any]:
    held, split = agreed(file.labels)
    return {"path": file.path, "labelled": len(held), "split": split, "wanted": NEEDED}


def _tell(context: Context, work: _Work) -> None:
    told = _summary(work)
    if context.json:
        write_json(told)
        return
    console = context.console
    for file in told["files"]:
        split = f", people are split on {file['split']}" if file["split"] else ""
        lacking = file["wanted"] - file["labelled"]
        enough = f"{lacking} more calibrate a judge" if lacking > 0 else "enough to calibrate a judge"
        labels = f"  {_counted(file['labelled'], 'answer')} labelled{split}; {enough}"
        console.print(Text.assemble((file["path"], "path"), labels), soft_wrap=True)
    people = ", ".join(f"{one_line(who)} {count}" for who, count in told["people"].items())
    console.print(Text(f"labels of {people}" if people else "no labels yet"), soft_wrap=True)
    for one, other, found in agreements(work.labels):
        kappa = (
            "no kappa, for chance alone explains it" if found.kappa is None else f"kappa {found.kappa:.2f}"
        )
        console.print(
            Text(f"{one_line(one)} and {one_line(other)}: {kappa}, {found.share:.0%} alike, n={found.n}"),
            soft_wrap=True,
        )
