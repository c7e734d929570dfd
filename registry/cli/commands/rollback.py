"""``promptyard rollback``: back to what was live, as a new and higher version."""

from __future__ import annotations

import click

from registry.cli.acting import actor_of, actor_option
from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context, pass_context
from registry.cli.planning import plan_rollback, write_plan
from registry.cli.shipping import tell_published
from registry.cli.teaching import examples
from registry.errors import Usage
from registry.publish.channels import rollback
from registry.publish.state import State, moves, read_state
from registry.publish.target import Target


@click.command(
    "rollback",
    epilog=examples(
        "promptyard rollback production --reason 'Wrong tone in refunds'",
        "promptyard rollback production --to 41 --reason 'Wrong tone in refunds'",
    ),
)
@click.argument("channel", required=False)
@click.option(
    "--to",
    type=click.IntRange(min=1),
    metavar="RELEASE",
    help="Which; default: the one live before; during a rollout the stable one.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the history everybody can read.")
@actor_option
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
    """Make an earlier release of CHANNEL live again; during a rollout, end it and stay with what is live.

    Shows first what would appear, change and disappear, and asks.
    Services take it like any release: it is signed anew under a higher version, so nobody can replay
    it later. CHANNEL is by default the first of promptyard.yaml.
    """
    where = context.channel(channel)
    state = read_state(context.target(), where, context.root)
    wanted = to if to is not None else _before(context.target(), state)
    planned = plan_rollback(context, where, wanted)
    if dry_run:
        write_plan(context, planned)
        return
    if not planned.idle:
        require_yes(context, f"Roll {where.name} back to release {wanted}?", yes=yes)
    done = rollback(
        context.target(), where, wanted, reason, actor=actor_of(context, actor), root=context.root
    )
    tell_published(context, where, done, "rolled back", reason=reason)


def _before(target: Target, state: State) -> int:
    """The release that a person means who names none: the stable one during a rollout, else the one before."""
    if state.move is not None and state.move.canary is not None:
        return state.move.release
    found = next((move for move in moves(target, state) if move.was != move.release), None)
    if found is None or found.was is None:
        raise Usage(
            "PUB008",
            f"channel {state.channel} has no earlier release",
            "See promptyard history for what it held.",
        )
    if found.action == "rollback":
        what = (
            f"channel {state.channel} was rolled back already, so the release before is the one that was left"
        )
        raise Usage("PUB012", what, "Name the release with --to; see promptyard history.")
    return found.was
