"""``promptyard promote``: the same bytes, one channel further, on all of the instances or on some."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from registry.cli.acting import actor_of, actor_option, reason_option
from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context, pass_context
from registry.cli.planning import already, plan_promote, write_plan
from registry.cli.rolling import bake_option, pace_of, steps_option, take_step
from registry.cli.shipping import tell_published
from registry.cli.teaching import examples
from registry.errors import Usage
from registry.publish.canary import Pace, stage
from registry.publish.channels import Published, promote
from registry.publish.moves import WHOLE
from registry.publish.plan import Plan
from registry.settings import Channel


@click.command(
    "promote",
    epilog=examples(
        "promptyard promote staging production",
        "promptyard promote staging production --dry-run",
        "promptyard promote staging production --canary 10   # then: promptyard rollout watch production",
        "promptyard promote staging production --canary 0 --reason 'Slow answers'   # end it",
    ),
)
@click.argument("source")
@click.argument("dest")
@click.option(
    "--canary",
    type=click.IntRange(0, WHOLE),
    metavar="PERCENT",
    help="To so many of the instances, or more; 100 is all, 0 ends the rollout.",
)
@bake_option
@steps_option
@reason_option
@actor_option
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@yes_option
@pass_context
def command(
    context: Context,
    source: str,
    dest: str,
    canary: int | None,
    bake: timedelta | None,
    steps: tuple[int, ...] | None,
    reason: str,
    actor: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Make what is live on SOURCE live on DEST.

    The bundle and its release number stay the same: what was proven on one channel is what the other
    serves. Shows first what would appear, change and disappear, and asks.
    With --canary it goes to a part of the instances first; the others stay with what is live. The same
    instances keep it while the percent rises.
    """
    here, there = context.channel(source), context.channel(dest)
    pace = pace_of(bake, steps)
    if canary in {None, 0} and pace != Pace():
        raise Usage("USE001", "--bake and --steps are about a rollout", "Give --canary PERCENT, too.")
    if canary == 0:
        take_step(context, there, 0, reason=reason, actor=actor, yes=yes, dry_run=dry_run)
        return
    percent = None if canary == WHOLE else canary
    planned = plan_promote(context, here, there, percent)
    if dry_run:
        write_plan(context, planned)
        return
    live = already(planned)
    if live is not None and pace == Pace():
        tell_published(context, there, live, "promoted", source=source)
        return
    where = f"{percent} % of {dest}" if percent else dest
    require_yes(context, f"Promote release {planned.manifest.release} to {where}?", yes=yes)
    who = actor_of(context, actor)
    done = _done(context, here, there, planned, who, reason, pace)
    tell_published(context, there, done, "promoted", source=source)


def _done(
    context: Context, here: Channel, there: Channel, planned: Plan, actor: str, reason: str, pace: Pace
) -> Published:
    """What was planned, and no other release that came meanwhile."""
    given: dict[str, Any] = {
        "actor": actor,
        "reason": reason,
        "descends": context.repository().descends,
        "seen": planned.manifest.release,
        "root": context.root,
    }
    if planned.percent is None:
        return promote(context.target(), here, there, **given)
    return stage(context.target(), here, there, planned.percent, pace=pace, **given)
