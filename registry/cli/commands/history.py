"""``promptyard history``: a channel's moves, or how a prompt fared over releases and runs."""

from __future__ import annotations

import difflib
from itertools import islice
from pathlib import Path

import click
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.releases import releases
from registry.cli.shipping import move_json, renewal_json
from registry.cli.single import prompt_ids
from registry.cli.teaching import examples
from registry.cli.testing.views import RUNS
from registry.cli.writers.files import write_file
from registry.cli.writers.json import write_json
from registry.cli.writers.trends import write_trends
from registry.errors import Usage
from registry.evaluation.history import Point, points_of_runs, trends
from registry.publish import proofs
from registry.publish.moves import Move
from registry.publish.renewal import Renewal
from registry.publish.state import moves, read_state
from serve.core.codec import to_json


@click.command(
    "history",
    epilog=examples(
        "promptyard history production",
        "promptyard history support/triage            # pass rate, cost, latency over releases",
        "promptyard history support/triage --runs     # over the test runs of this working copy",
        "promptyard history support/triage --html history.html",
        "promptyard history --limit 5 --json",
    ),
)
@click.argument("name", metavar="[CHANNEL | PROMPT]", required=False)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many moves, releases or runs.",
)
@click.option("--runs", is_flag=True, help="Of a prompt: the test runs here, not the releases.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Of a prompt: write a page with plots.",
)
@pass_context
def command(context: Context, name: str | None, limit: int, runs: bool, html: Path | None) -> None:
    """Show the moves of a CHANNEL, newest first, or how a PROMPT fared, oldest first.

    Moves are verified by their signatures; CHANNEL is by default the first of promptyard.yaml.
    A prompt's pass rate, cost and latency come from the evidence that each release was published with.
    """
    if name is None or (name in context.settings.channels and not (runs or html)):
        if runs or html:
            raise Usage("USE001", "--runs and --html are about a prompt", "Name one: promptyard list.")
        _tell_moves(context, name, limit)
        return
    _tell_prompt(context, name, limit, html, runs=runs)


def _tell_moves(context: Context, channel: str | None, limit: int) -> None:
    where, target = context.channel(channel), context.target()
    state = read_state(target, where, context.root)
    renewal = state.live.renewal if state.live is not None else None
    told = tuple(islice(moves(target, state), limit))
    if context.json:
        signed = renewal_json(renewal) if renewal is not None else None
        write_json(
            {"channel": where.name, "moves": [move_json(move) for move in told], "signedAgain": signed}
        )
        return
    if renewal is not None:
        context.console.print(_signed_again(renewal), soft_wrap=True)
    for move in told:
        context.console.print(_line(move), soft_wrap=True)
    if not told:
        context.errors.print(f"nothing was published to {where.name} yet", style="dim")


def _signed_again(renewal: Renewal) -> Text:
    """The last signature for what is live; earlier ones were replaced by it."""
    line = Text.assemble((renewal.at, "dim"), "  ", ("resign  ", "code"), f" release {renewal.release}")
    line.append(f"  {renewal.commit[:12]}  {renewal.actor}", "dim")
    return line.append(f"  {renewal.reason}") if renewal.reason else line


def _tell_prompt(context: Context, prompt: str, limit: int, html: Path | None, *, runs: bool) -> None:
    of = "runs" if runs else "releases"
    where = context.root / RUNS
    told = trends(
        points_of_runs(where, prompt, limit=limit) if runs else _of_releases(context, prompt, limit)
    )
    if not told:
        _require_known(context, prompt)
    if html is not None:
        from registry.cli.writers.html import history_page

        write_file(html, history_page(prompt, told, of=of))
    if context.json:
        write_json({"prompt": prompt, "of": of, "trends": to_json(told)})
        return
    write_trends(context.console, told, of=of)
    if not told:
        context.errors.print(_nothing(prompt, runs=runs), style="dim", soft_wrap=True)


def _of_releases(context: Context, prompt: str, limit: int) -> tuple[Point, ...]:
    """The points of the newest releases whose evidence tells of a prompt, oldest first."""
    target = context.target()
    found: list[tuple[Point, ...]] = []
    for number, release in reversed(releases(context).items()):
        evidence = proofs.read(target, release.move)
        told = tuple(
            Point(suite, release.move.at, summary, str(number), release.move.commit, release.channels)
            for suite, summary in (evidence.measured.items() if evidence is not None else ())
            if summary.prompt == prompt
        )
        found += [told] if told else []
        if len(found) == limit:
            break
    return tuple(point for points in reversed(found) for point in points)


def _require_known(context: Context, name: str) -> None:
    known = prompt_ids(context.tree(), context.settings)
    if name not in known:
        names = [*known, *context.settings.channels]
        close = difflib.get_close_matches(name, names, 1, 0.5)
        channels = ", ".join(context.settings.channels)
        advice = (
            f"Did you mean {close[0]}?"
            if close
            else f"Channels are: {channels}. promptyard list shows prompts."
        )
        raise Usage("HIS001", f"there is no channel and no prompt {name}", advice)


def _nothing(prompt: str, *, runs: bool) -> str:
    if runs:
        return f"no whole test run of {prompt} has left a record here: promptyard test"
    return (
        f"no release carries a test's numbers of {prompt}: run promptyard test on the commit, then"
        " promptyard publish; --runs shows the test runs here"
    )


def _line(move: Move) -> Text:
    line = Text.assemble((move.at, "dim"), "  ", (f"{move.action:<8}", "code"), f" {_deed(move)}")
    line.append(f"  {move.commit[:12]}  {move.actor}", "dim")
    return line.append(f"  {move.reason}") if move.reason else line


def _deed(move: Move) -> str:
    """What went where."""
    origin = f" of {move.source}" if move.source else ""
    canary = move.canary
    if move.action == "canary" and canary is not None:
        return f"release {canary.release}{origin} from {canary.was} to {canary.percent} %, release {move.release} stays"
    before = f" from {move.was}" if move.was not in {None, move.release} else ""
    ended = f", ends the rollout of release {move.ended}" if move.ended is not None else ""
    return f"release {move.release}{origin}{before}{ended}"
