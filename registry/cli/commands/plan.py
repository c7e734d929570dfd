"""``promptyard plan``: what a move would change on a channel, and nothing else."""

from __future__ import annotations

import click

from registry.cli.context import Context, pass_context
from registry.cli.planning import already, plan_promote, plan_publish, plan_rollback, write_plan
from registry.cli.teaching import examples
from registry.errors import Usage
from registry.publish.plan import Plan
from registry.settings import Channel


@click.command(
    "plan",
    epilog=examples(
        "promptyard plan                          # HEAD to the first channel",
        "promptyard plan production --from staging",
        "promptyard plan production --from staging --canary 10",
        "promptyard plan production --to 41       # a rollback",
        "promptyard plan staging --ref v1.2 --json",
    ),
)
@click.argument("channel", required=False)
@click.option("--ref", metavar="REV", help="What would be published; default: HEAD.")
@click.option("--from", "source", metavar="CHANNEL", help="The channel that would be promoted.")
@click.option(
    "--canary", type=click.IntRange(1, 99), metavar="PERCENT", help="With --from: of the instances."
)
@click.option("--to", type=click.IntRange(min=1), metavar="RELEASE", help="The release to go back to.")
@pass_context
def command(
    context: Context,
    channel: str | None,
    ref: str | None,
    source: str | None,
    canary: int | None,
    to: int | None,
) -> None:
    """Show what would appear, change and disappear on CHANNEL, and write nothing.

    Needs no key. What would be refused is refused here, with the same code. CHANNEL is by default the
    first of promptyard.yaml.
    """
    if sum(it is not None for it in (ref, source, to)) > 1:
        raise Usage("USE001", "a plan is of one thing", "Give one of --ref, --from and --to.")
    if canary is not None and source is None:
        raise Usage(
            "USE001", "--canary is about a promotion", "Name the channel it comes from: --from staging."
        )
    planned = _planned(context, context.channel(channel), ref or "HEAD", source, canary, to)
    if context.json:
        write_plan(context, planned)
    elif (live := already(planned)) is not None:
        told = live.release if live.canary is None or not planned.percent else live.canary.release
        context.console.print(f"release {told} is live on {planned.channel} already", style="dim")


def _planned(
    context: Context, where: Channel, ref: str, source: str | None, canary: int | None, to: int | None
) -> Plan:
    if source is not None:
        return plan_promote(context, context.channel(source), where, canary)
    if to is not None:
        return plan_rollback(context, where, to)
    return plan_publish(context, where, ref)[1]
