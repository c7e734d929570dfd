"""``promptyard promote``: the same bytes, one channel further."""

from __future__ import annotations

import click

from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context, pass_context
from registry.cli.planning import already, plan_promote, write_plan
from registry.cli.shipping import actor_of, tell_published
from registry.cli.teaching import examples
from registry.publish.channels import promote


@click.command(
    "promote",
    epilog=examples(
        "promptyard promote staging production",
        "promptyard promote staging production --dry-run",
    ),
)
@click.argument("source")
@click.argument("dest")
@click.option("--reason", default="", metavar="TEXT", help="Why, for the history everybody can read.")
@click.option("--actor", metavar="NAME", help="Who; default: GITHUB_ACTOR, or the author Git knows.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@yes_option
@pass_context
def command(
    context: Context, source: str, dest: str, reason: str, actor: str | None, dry_run: bool, yes: bool
) -> None:
    """Make what is live on SOURCE live on DEST.

    The bundle and its release number stay the same: what was proven on one channel is what the other
    serves. Shows first what would appear, change and disappear, and asks.
    """
    here, there = context.channel(source), context.channel(dest)
    planned = plan_promote(context, here, there)
    if dry_run:
        write_plan(context, planned)
        return
    live = already(planned)
    if live is not None:
        tell_published(context, there, live, "promoted", source=source)
        return
    require_yes(context, f"Promote release {planned.manifest.release} to {dest}?", yes=yes)
    done = promote(
        context.target(),
        here,
        there,
        actor=actor_of(context, actor),
        reason=reason,
        descends=context.repository().descends,
        root=context.root,
    )
    tell_published(context, there, done, "promoted", source=source)
