"""What the commands about a rollout have in common: how it is paced, and how a step is taken and told.

It must never take a step without a yes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click

from registry.cli.acting import actor_of
from registry.cli.consent import require_yes
from registry.cli.context import Context
from registry.cli.lengths import Length, Steps
from registry.cli.shipping import canary_json, tell_published
from registry.cli.writers.json import write_json
from registry.publish.canary import Pace, nothing_on_its_way, require_stable, step
from registry.publish.moves import WHOLE
from registry.publish.state import read_state
from registry.settings import Channel

bake_option: Callable[[Any], Any] = click.option(
    "--bake",
    type=Length(most=timedelta(days=365)),
    metavar="TIME",
    help="How long a step stands at least, e.g. 10m (the default).",
)
steps_option: Callable[[Any], Any] = click.option(
    "--steps", type=Steps(), metavar="LIST", help="Percents of a watched rollout; default: 1,10,50,100."
)


def pace_of(bake: timedelta | None, steps: tuple[int, ...] | None) -> Pace:
    """The pace that a person asked for; what is not named stays as it is."""
    return Pace(int(bake.total_seconds()) if bake is not None else None, steps)


def take_step(
    context: Context,
    where: Channel,
    percent: int,
    *,
    reason: str,
    actor: str | None,
    yes: bool,
    dry_run: bool = False,
    pace: Pace = Pace(),
) -> None:
    """Take the rollout of a channel to another percent, after a yes: 100 makes it live on all, 0 ends it.

    Raises:
        Usage: PUB014, PUB022, PUB024. PublishConflict: PUB025 another step than the one said yes to. What ``step`` raises.
    """
    live = require_stable(read_state(context.target(), where, context.root).move, where)
    canary = live.canary
    if canary is None:
        raise nothing_on_its_way(where)
    told = {
        0: f"release {canary.release} leaves, release {live.release} stays on all",
        WHOLE: f"release {canary.release} replaces release {live.release} on all",
    }.get(percent, f"release {canary.release} goes from {canary.percent} to {percent} %")
    if not context.json:
        context.console.print(f"{where.name}: {told}", soft_wrap=True)
    if dry_run:
        if context.json:
            write_json(
                {
                    "channel": where.name,
                    "live": live.release,
                    "canary": canary_json(canary),
                    "percent": percent,
                }
            )
        return
    require_yes(context, f"Do that on {where.name}?", yes=yes)
    done = step(
        context.target(),
        where,
        percent,
        actor=actor_of(context, actor),
        reason=reason,
        seen=canary if percent else None,
        pace=pace,
        root=context.root,
    )
    verb = {0: "rolled back", WHOLE: "promoted"}.get(percent, "stepped")
    tell_published(context, where, done, verb, reason=reason)
