"""``promptyard rollback``: back to what was live, as a new and higher version."""

from __future__ import annotations

import click

from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context, pass_context
from registry.cli.planning import plan_rollback, write_plan
from registry.cli.shipping import actor_of, tell_published
from registry.cli.teaching import examples
from registry.errors import Usage
from registry.publish.channels import current, rollback
from registry.settings import Channel


@click.command(
    "rollback",
    epilog=examples(
        "promptyard rollback production --reason 'Wrong tone in refunds'",
        "promptyard rollback production --to 41 --reason 'Wrong tone in refunds'",
    ),
)
@click.argument("channel", required=False)
@click.option(
    "--to", type=click.IntRange(min=1), metavar="RELEASE", help="Which; default: the one live before."
)
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the history everybody can read.")
@click.option("--actor", metavar="NAME", help="Who; default: GITHUB_ACTOR, or the author Git knows.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@yes_option
@pass_context
def command(
    context: Context,
    channel: str | None,
    to: int | None,
    reason: str,
    actor: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Make an earlier release of CHANNEL live again.

    Shows first what would appear, change and disappear, and asks.
    Services take it like any release: it is signed anew under a higher version, so nobody can replay
    it later. CHANNEL is by default the first of promptyard.yaml.
    """
    where = context.channel(channel)
    wanted = to if to is not None else _before(context, where)
    planned = plan_rollback(context, where, wanted)
    if dry_run:
        write_plan(context, planned)
        return
    if planned.live is None or planned.live.release != wanted:
        require_yes(context, f"Roll {where.name} back to release {wanted}?", yes=yes)
    done = rollback(
        context.target(), where, wanted, reason, actor=actor_of(context, actor), root=context.root
    )
    tell_published(context, where, done, "rolled back", reason=reason)


def _before(context: Context, channel: Channel) -> int:
    live = current(context.target(), channel, root=context.root)
    if live is None or live.was is None:
        raise Usage(
            "PUB008",
            f"channel {channel.name} has no earlier release",
            "See promptyard history for what it held.",
        )
    if live.action == "rollback":
        what = (
            f"channel {channel.name} was rolled back already, so the release before is the one that was left"
        )
        raise Usage("PUB012", what, "Name the release with --to; see promptyard history.")
    return live.was
