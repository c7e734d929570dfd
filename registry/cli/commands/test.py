"""``promptyard test``: the suites on the model, head against base, a verdict and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from registry.authoring.catalog import Catalog, load
from registry.cli.context import Context, pass_context
from registry.cli.single import tree_of
from registry.cli.teaching import examples
from registry.cli.testing import baselines
from registry.cli.testing.asked import Asked, engine_options
from registry.cli.testing.choice import chosen_suites, narrowed
from registry.cli.testing.outputs import against_itself, leave_evidence, write
from registry.cli.testing.running import foresee, run
from registry.cli.testing.sharding import read_parts, run_merge, run_part
from registry.cli.testing.views import Form, Views
from registry.cli.writers.text import write_findings
from registry.diagnostics import has_errors
from registry.errors import NotClean, Usage
from registry.evaluation.arms import Arm, build
from registry.evaluation.asking import WEIGHTS
from registry.evaluation.records import Suite
from registry.evaluation.shards import shard_of
from registry.evaluation.suite import read_suites

_OUT = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, path_type=Path)


@click.command(
    "test",
    epilog=examples(
        "promptyard test",
        "promptyard test support/triage --case double-charge",
        "promptyard test --base main --junit report.xml --markdown comment.md",
        "promptyard test --device cuda --require",
        "promptyard test --dry-run --explain",
        "promptyard test --max-cost 0.50",
        "promptyard test --shard 1/4 --record part-1.jsonl",
        "promptyard test --merge part-*.jsonl",
    ),
)
@click.argument("names", metavar="[PROMPT]...", nargs=-1)
@click.option("--base", metavar="REV", help="Compare with the commit where this branch left REV.")
@click.option("--case", "-c", metavar="ID", multiple=True, help="Only these cases.")
@click.option("--tag", metavar="TAG", multiple=True, help="Only cases with one of these tags.")
@click.option(
    "--samples", type=click.IntRange(1, 1000), metavar="N", help="Samples per case, not the suite's."
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    help="auto: CUDA where it works; says why not.",
)
@click.option("--require", is_flag=True, help="Fail (exit 4) where the device is not to be had.")
@click.option(
    "--profile",
    type=click.Choice(["cpu-f32", "fast"]),
    help="cpu-f32: the same answers on every machine; fast: for the moment. Default: by the device.",
)
@click.option("--html", "html_file", type=_OUT, metavar="FILE", help="Write one page that anybody can read.")
@click.option("--junit", "junit_file", type=_OUT, metavar="FILE", help="Write JUnit XML.")
@click.option("--markdown", "markdown_file", type=_OUT, metavar="FILE", help="Write a pull-request comment.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github"]),
    default="text",
    help="github: annotations at the cases' lines.",
)
@click.option("--record", type=_OUT, metavar="FILE", help="JSONL of every answer; goes on where it ended.")
@click.option("--no-cache", is_flag=True, help="Ask the model anew.")
@click.option("--replay", is_flag=True, help="Answer from the cache alone; the model is not started.")
@click.option(
    "--replay-from", type=_THERE, metavar="PATH", help="Answer from a record, or a folder of records."
)
@click.option(
    "--max-cost", type=click.FloatRange(0), metavar="USD", help="Stop before hosted models cost more."
)
@click.option(
    "--engine-cluster",
    metavar="WHERE",
    help="Workers of local models: local:4 here, ray://HOST:PORT or ray://auto on Ray.",
)
@click.option("--shard", metavar="N/M", help="Ask part N of M and judge nothing yet.")
@click.option("--merge", is_flag=True, help="Put parts together: the words are their records.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it may cost; ask nothing.")
@click.option("--explain", is_flag=True, help="Say why each answer is asked for or not.")
@click.option(
    "--baseline", metavar="FILE|auto", help="Compare with stored answers; auto: those of what --base names."
)
@click.option("--save-baseline", metavar="FILE|auto", help="Keep head's answers, to be compared with later.")
@click.option("--aa", is_flag=True, help="Head against itself: the noise a change must rise above.")
@click.option(
    "--accept", "accepts", is_flag=True, help="Show the snapshots that changed and write those you accept."
)
@click.option("--yes", is_flag=True, help="With --accept: accept all that is shown.")
@pass_context
def command(
    context: Context,
    /,
    html_file: Path | None,
    junit_file: Path | None,
    markdown_file: Path | None,
    form: Form,
    shard: str | None,
    merge: bool,
    accepts: bool,
    yes: bool,
    **given: Any,
) -> int:
    """Run the suites of the prompts through their models and judge the answers.

    With --base, the same cases run on both sides and the gate tells a real regression from noise.
    Exit code 0 is good, 1 a failure or regression, 2 a suite that cannot run, 3 no verdict.
    A complete run that passes is the evidence that `promptyard release` may ask for.
    """
    _require_someone(context, accepts=accepts, yes=yes)
    part = None if shard is None else shard_of(shard)
    asked = Asked(options=engine_options(given), shard=part, **given)
    views = Views(html_file, junit_file, markdown_file, form)
    _require_harmony(asked, views, accepts=accepts, merges=merge)
    asked, parts = read_parts(asked) if merge else (asked, ())
    tree = tree_of(context, None)
    catalog = load(tree, context.settings_of(tree))
    suites, findings = chosen_suites(catalog, asked)
    write_findings(context.errors, findings)
    if has_errors(findings):
        return 2
    views.make_room()
    head = _head(context, catalog, suites)
    if head is None:
        return 2
    base = _base(context, asked, head)
    if asked.dry_run:
        return foresee(context, asked, suites, head, base)
    if asked.shard is not None:
        return run_part(context, asked, suites, head, base)
    ran = (
        run_merge(context, asked, parts, suites, head, base)
        if parts
        else run(context, asked, suites, head, base)
    )
    write(context, ran, views)
    if asked.whole and not against_itself(head, base):
        leave_evidence(context.root, head, ran.report, base)
    if accepts:
        from registry.cli.testing.accepting import accept

        accept(context, catalog, suites, ran.record, yes=yes)
    return ran.report.exit_code


def _require_someone(context: Context, *, accepts: bool, yes: bool) -> None:
    if accepts or yes:
        from registry.cli.testing.accepting import require_someone

        require_someone(asked=accepts, yes=yes, as_json=context.json)


def _require_harmony(asked: Asked, views: Views, *, accepts: bool, merges: bool) -> None:
    if asked.aa and asked.base:
        raise Usage("EVL006", "--aa compares head with itself, --base with another", "Choose one of them.")
    if asked.shard is not None and (asked.aa or accepts or views.files):
        advice = "Give --aa, --accept and report files to a whole run."
        raise Usage("SHD009", "a part has no verdict to report", advice)
    baselines.check(asked, merges=merges)


def _head(context: Context, catalog: Catalog, suites: Sequence[Suite]) -> Arm | None:
    """The working copy; None where its prompts have errors, which are told."""
    try:
        return build("head", catalog, suites, weights=context.root / WEIGHTS)
    except NotClean:
        from registry.release.findings import findings_of

        errors = [it for it in findings_of(catalog, today=datetime.now(UTC).date()) if it.level == "error"]
        if not errors:
            raise
        write_findings(context.errors, errors)
        return None


def _base(context: Context, asked: Asked, head: Arm) -> Arm | None:
    if asked.base is None:
        return None
    commit = context.repository().merge_base(asked.base)
    catalog = context.catalog(commit)
    suites, _ = read_suites(catalog)
    of_head = (narrowed(it, asked, head.suites.get(it.id)) for it in suites)
    return build("base", catalog, of_head, like=head, weights=context.root / WEIGHTS)
