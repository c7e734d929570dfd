"""``promptyard promote``: the same bytes, one channel further."""

from __future__ import annotations

import click

from registry.cli.context import Context, pass_context
from registry.cli.shipping import actor_of, changes_json, tell_plan, tell_published
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage
from registry.publish.channels import current, promote, read_bundle, require_descent
from registry.publish.plan import plan


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
@pass_context
def command(context: Context, source: str, dest: str, reason: str, actor: str | None, dry_run: bool) -> None:
    """Make what is live on SOURCE live on DEST.

    The bundle and its release number stay the same: what was proven on one channel is what the other
    serves. Shows first what would appear, change and disappear.
    """
    here, there, target = context.channel(source), context.channel(dest), context.target()
    live = current(target, here, root=context.root)
    if live is None:
        raise Usage("PUB007", f"channel {source} has no release to promote", "Publish to it first.")
    planned = plan(target, there, read_bundle(target, live), context.root)
    tell_plan(context, planned)
    descends = context.repository().descends
    require_descent(planned.live, live.commit, descends, there)
    if dry_run:
        if context.json:
            write_json({"channel": dest, "release": live.release, "changes": changes_json(planned.changes)})
        return
    done = promote(
        target,
        here,
        there,
        actor=actor_of(context, actor),
        reason=reason,
        descends=descends,
        root=context.root,
    )
    tell_published(context, there, done, "promoted", source=source)
