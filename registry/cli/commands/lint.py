"""``promptyard lint``: every finding with its place and what to do about it, and the safe fixes."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click
from rich.text import Text

from registry.authoring.kinds import kind_of
from registry.authoring.rewrite import rewrite
from registry.authoring.tree import Tree
from registry.cli.context import Context, pass_context
from registry.cli.narrowing import Part, part_of
from registry.cli.single import tree_of
from registry.cli.teaching import examples
from registry.cli.writers.explanation import explanation_json, write_explanation
from registry.cli.writers.github import write_github
from registry.cli.writers.json import excused_json, findings_json, write_json
from registry.cli.writers.sarif import sarif
from registry.cli.writers.text import next_steps, summary, write_findings
from registry.diagnostics import Diagnostic
from registry.errors import Usage
from registry.evaluation.asking import WEIGHTS
from registry.release.incremental import judged_anew
from registry.release.kept import KEPT, Kept
from registry.release.mending import Mending, mend_all
from registry.settings import FILE
from registry.validation.explain import explanations
from registry.validation.levels import Judged
from registry.validation.suggest import did_you_mean

_FORMS = ("text", "json", "sarif", "github")


@click.command(
    "lint",
    epilog=examples(
        "promptyard lint",
        "promptyard lint prompts/support      # only what is found there; all files are read",
        "promptyard lint --explain REF001",
        "promptyard lint --fix --dry-run     # the safe fixes as a difference",
        "promptyard lint --format github     # annotations in a pull request",
        "promptyard lint --format sarif > lint.sarif",
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--format", "form", type=click.Choice(_FORMS), help="How findings are written.")
@click.option("--explain", "code", metavar="CODE", help="Tell all about one code, with examples.")
@click.option("--fix", is_flag=True, help="Mend what has one safe fix; say what is left.")
@click.option("--no-cache", is_flag=True, help="Check every file anew.")
@click.option("--dry-run", is_flag=True, help="With --fix: show the difference, change nothing.")
@pass_context
def command(
    context: Context,
    paths: tuple[str, ...],
    form: str | None,
    code: str | None,
    fix: bool,
    no_cache: bool,
    dry_run: bool,
) -> int:
    """Check every file below the content folder, or tell only what is found in some files, folders or ids.

    What was found is kept in .promptyard/cache, so that only what changed is checked again.
    Errors stand in the way of a release; warnings do so where promptyard.yaml says
    policy.warningsAsErrors. Levels and dated exceptions are set there too, under lint.
    Exit code 1 means that something stands in the way.
    """
    if code is not None:
        return _explain(context, code)
    if dry_run and not fix:
        raise Usage("USE001", "--dry-run goes with --fix", "Run promptyard lint --fix --dry-run.")
    form = "json" if context.json else form or "text"
    tree = tree_of(context, None)
    if not (context.root / FILE).is_file() and not _count(tree.paths(context.settings.content), Part()):
        raise Usage(
            "CFG004", f"there is no {FILE} here or above", "Run promptyard init, or pass --root PATH."
        )
    part = part_of(context, tree, paths)
    today = datetime.now(UTC).date()
    weights = context.root / WEIGHTS
    if not fix:
        kept = Kept(None if no_cache else context.root / KEPT)
        found = judged_anew(tree, context.settings, kept, today=today, weights=weights)
        return _tell(context, form, tree, part, _within(part, found), paths=kept.paths)
    mending = _mended_within(part, mend_all(tree, context.settings, today=today, weights=weights))
    if dry_run:
        return _tell_difference(context, form, tree, mending)
    for path, text in mending.texts.items():
        rewrite(context.root, path, tree.read(path), text.encode("utf-8"))
    return _tell(context, form, tree, part, mending.left, mending.done)


def _within(part: Part, found: Judged) -> Judged:
    return Judged(
        tuple(finding for finding in found.standing if finding.place.path in part),
        tuple(each for each in found.excused if each.finding.place.path in part),
    )


def _mended_within(part: Part, mending: Mending) -> Mending:
    return replace(
        mending,
        texts={path: text for path, text in mending.texts.items() if path in part},
        done=tuple(finding for finding in mending.done if finding.place.path in part),
        left=_within(part, mending.left),
    )


def _explain(context: Context, code: str) -> int:
    told = explanations().get(code.upper())
    if told is None:
        hint = (
            did_you_mean(code.upper(), explanations())
            or "docs/lints.md lists them; docs/errors.md has the rest."
        )
        raise Usage("USE001", f"no finding has the code {code}", hint)
    if context.json:
        write_json(explanation_json(told))
    else:
        write_explanation(context.console, told)
    return 0


def _tell(
    context: Context,
    form: str,
    tree: Tree,
    part: Part,
    found: Judged,
    fixed: Sequence[Diagnostic] | None = None,
    paths: Collection[str] | None = None,
) -> int:
    strict = context.settings.policy.warnings_as_errors
    findings = found.standing
    bad = any(finding.level == "error" or (strict and finding.level == "warning") for finding in findings)
    files = _count(tree.paths(context.settings.content) if paths is None else paths, part)
    if form == "json":
        value = {"clean": not bad, "files": files, "findings": findings_json(findings)}
        value["excused"] = excused_json(found.excused)
        write_json(value if fixed is None else {**value, "fixed": findings_json(fixed)})
        return int(bad)
    if form == "sarif":
        write_json(sarif(findings, found.excused, context.prefix()))
    elif form == "github":
        write_github(findings, context.prefix())
    else:
        write_findings(context.console, findings, lambda path, line: _row(tree, path, line))
    _tell_fixed(context, fixed or ())
    context.errors.print(summary(findings, files, len(found.excused)))
    steps = next_steps(findings)
    if steps is not None and form == "text" and context.errors.is_terminal:
        context.errors.print(steps)
    return int(bad)


def _tell_fixed(context: Context, fixed: Sequence[Diagnostic]) -> None:
    for finding in fixed:
        title = "" if finding.fix is None else finding.fix.title
        line = Text.assemble(("fixed ", "good"), (finding.code, "code"), f" {finding.place}: {title}")
        context.errors.print(line, soft_wrap=True)


def _tell_difference(context: Context, form: str, tree: Tree, mending: Mending) -> int:
    """What --fix would change; exit code 1 where it would change anything, for use in CI."""
    if form == "json":
        write_json({"fixes": findings_json(mending.done), "left": findings_json(mending.left.standing)})
        return int(bool(mending.done))
    for path, text in mending.texts.items():
        before = tree.read(path).decode("utf-8").splitlines()
        for line in difflib.unified_diff(before, text.splitlines(), f"a/{path}", f"b/{path}", lineterm=""):
            style = {"+": "added", "-": "removed", "@": "dim"}.get(line[:1], "")
            context.console.print(Text(line, style), soft_wrap=True)
    files = len(mending.texts)
    count = f"{len(mending.done)} finding{'' if len(mending.done) == 1 else 's'}"
    told = (
        f"{count} would be mended in {files} file{'' if files == 1 else 's'}" if files else "nothing to mend"
    )
    context.errors.print(f"{told}; {len(mending.left.standing)} left")
    return int(bool(mending.done))


def _row(tree: Tree, path: str, line: int) -> str | None:
    try:
        rows = tree.read(path).decode("utf-8", "replace").split("\n")
    except FileNotFoundError:
        return None
    return rows[line - 1] if line <= len(rows) else None


def _count(paths: Collection[str], part: Part) -> int:
    """How many files of a part were checked."""
    return sum(kind_of(path) is not None and path in part for path in paths)
