"""``promptyard rollout``: a canary taken further, by hand or watched, or back."""

from __future__ import annotations

import math
import re
import signal
import threading
from datetime import timedelta

import click
from rich.text import Text

from registry.cli.acting import actor_of, actor_option, reason_option
from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context
from registry.cli.rolling import bake_option, pace_of, steps_option, take_step
from registry.cli.shipping import canary_json
from registry.cli.teaching import examples
from registry.cli.verbs import verb_of
from registry.cli.writers.json import write_json, write_json_line
from registry.errors import Usage
from registry.publish.gauges import Gauge
from registry.publish.moves import WHOLE, Canary
from registry.publish.rollout import Decision, Watch, look, watch

_EXIT_CODES = {"end": 1, "gone": 3}
_STYLES = {"advance": "good", "finish": "good", "end": "error", "gone": "warning", "hold": "dim"}
_STOPPED = 130


@click.group(
    "rollout",
    epilog=examples(
        "promptyard rollout watch production --yes", "promptyard rollout step production --to 50"
    ),
)
def command() -> None:
    """Take a release on its way further, or back. `promptyard promote A B --canary 1` begins.

    Each step is signed, and all that is known of a rollout is in the signed metadata.
    """


@verb_of(
    command,
    "watch",
    "promptyard rollout watch production",
    "promptyard rollout watch production --steps 5,25,100 --bake 30m --yes",
    "promptyard rollout watch production --prometheus http://prometheus:9090 --max 0.02"
    " --query 'sum(rate(errors_total{release=\"$release\"}[5m]))'",
    "promptyard rollout watch production --once --yes    # from cron",
)
@click.argument("channel", required=False)
@bake_option
@steps_option
@click.option(
    "--max-refusals",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="So many instances may refuse the release.",
)
@click.option("--reports", metavar="URL", help="Where services report to; default: the store.")
@click.option("--prometheus", "server", metavar="URL", help="A Prometheus server to ask as well.")
@click.option("--query", metavar="PROMQL", help="What; $release and $channel are filled in.")
@click.option("--max", "highest", type=float, metavar="VALUE", help="The highest value that is still well.")
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 3600),
    default=15,
    show_default=True,
    help="Seconds between looks.",
)
@click.option("--once", is_flag=True, help="Look once, act if it is time, and stop.")
@actor_option
@yes_option
def _watch(
    context: Context,
    channel: str | None,
    bake: timedelta | None,
    steps: tuple[int, ...] | None,
    max_refusals: int,
    reports: str | None,
    server: str | None,
    query: str | None,
    highest: float | None,
    interval: float,
    once: bool,
    actor: str | None,
    yes: bool,
) -> int:
    """Take the rollout of CHANNEL step by step to all instances while it is healthy, else back.

    A step stands for the bake time, and then until every instance drawn is seen running the release well;
    a query has to be well, too. One refusal too many, or a value too high, and the release is taken back.
    What cannot be told holds the rollout: a silent fleet, or a server that is away, never advances it.
    A watch that is stopped can be started anew, anywhere. Exit code 0: live on all; 1: taken back;
    3: somebody else ended it. With --once, 0 also says that it is still under way.
    """
    where = context.channel(channel)
    it = Watch(
        context.target(),
        context.target(reports),
        where,
        actor_of(context, actor),
        pace_of(bake, steps),
        max_refusals,
        _gauge(server, query, highest),
        context.root,
    )
    canary, _ = look(it)
    path = _path(canary, steps)
    require_yes(context, f"Take release {canary.release} on {where.name} from {path} %, or back?", yes=yes)
    return _follow(context, it, interval, once=once)


@verb_of(command, "step", "promptyard rollout step production --to 50 --reason 'Looks well'")
@click.argument("channel", required=False)
@click.option(
    "--to",
    "percent",
    type=click.IntRange(0, WHOLE),
    required=True,
    metavar="PERCENT",
    help="100 is all, 0 ends the rollout.",
)
@bake_option
@steps_option
@reason_option
@actor_option
@click.option("--dry-run", is_flag=True, help="Show what would be done and stop.")
@yes_option
def _step(
    context: Context,
    channel: str | None,
    percent: int,
    bake: timedelta | None,
    steps: tuple[int, ...] | None,
    reason: str,
    actor: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Take what is on its way on CHANNEL to another percent, whatever its source holds by now."""
    pace = pace_of(bake, steps)
    where = context.channel(channel)
    take_step(context, where, percent, reason=reason, actor=actor, yes=yes, dry_run=dry_run, pace=pace)


@verb_of(command, "show", "promptyard rollout show production --json")
@click.argument("channel", required=False)
@click.option("--reports", metavar="URL", help="Where services report to; default: the store.")
def _show(context: Context, channel: str | None, reports: str | None) -> None:
    """Show the rollout of CHANNEL, and what a watch would do with it now."""
    where = context.channel(channel)
    canary, decision = look(Watch(context.target(), context.target(reports), where, "", root=context.root))
    if context.json:
        write_json({"channel": where.name, "canary": canary_json(canary), **_json(decision)})
        return
    head = f"{where.name}: release {canary.release} on {canary.percent} % since {canary.since}"
    context.console.print(head, soft_wrap=True)
    context.console.print(_line(canary, decision), soft_wrap=True)


def _gauge(server: str | None, query: str | None, highest: float | None) -> Gauge | None:
    if server is None and query is None and highest is None:
        return None
    if server is None or query is None or highest is None or not math.isfinite(highest):
        what = "--prometheus, --query and --max, a figure, belong together"
        raise Usage("USE001", what, "Give all three, or none to go by the fleet alone.")
    if not re.match(r"https?://[^/]", server):
        raise Usage("USE001", "--prometheus is no URL", "Give one such as http://prometheus:9090.")
    return Gauge(server, query, highest)


def _path(canary: Canary, steps: tuple[int, ...] | None) -> str:
    path = [canary.percent]
    for percent in sorted({*(steps or canary.steps), WHOLE}):
        if percent > path[-1]:
            path.append(percent)
    return " to ".join(map(str, path))


def _follow(context: Context, it: Watch, interval: float, *, once: bool) -> int:
    """Look until it is over or the process is told to stop; what was told once is told again when it changes."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    before = ""
    for canary, decision in watch(it, lambda: stop.wait(interval), once=once):
        told = _line(canary, decision)
        if (news := re.sub(r"\d+ s$", "", told.plain)) != before:
            _tell(context, canary, decision, told)
        before = news
        if decision.act in {*_EXIT_CODES, "finish"}:
            return _EXIT_CODES.get(decision.act, 0)
        if stop.is_set():
            break
    if stop.is_set():
        context.errors.print("stopped; the rollout stays where it is", style="dim")
        return _STOPPED
    return 0


def _tell(context: Context, canary: Canary, decision: Decision, told: Text) -> None:
    if context.json:
        write_json_line({"release": canary.release, "at": canary.percent, **_json(decision)})
    else:
        context.console.print(told, soft_wrap=True)


def _json(decision: Decision) -> dict[str, str | int]:
    return {"act": decision.act, "percent": decision.percent, "why": decision.why}


def _line(canary: Canary, decision: Decision) -> Text:
    words = {
        "hold": f"release {canary.release} stays on {canary.percent} %",
        "advance": f"release {canary.release} goes from {canary.percent} to {decision.percent} %",
        "finish": f"release {canary.release} goes to all",
        "end": f"release {canary.release} is taken back",
        "gone": f"release {canary.release} is no longer on its way",
    }
    line = Text.assemble((f"{decision.act:<8}", _STYLES[decision.act]), f" {words[decision.act]}")
    return line.append(f"  {decision.why}", "dim")
