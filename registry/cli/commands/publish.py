"""``promptyard publish``: plan, commit, read back."""

from __future__ import annotations

import click

from registry.cli.acting import actor_of, actor_option, reason_option
from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context, pass_context
from registry.cli.cutting import evidence_for
from registry.cli.origins import asked_of_host, require_allowed
from registry.cli.planning import already, plan_publish, write_plan
from registry.cli.shipping import changes_json, tell_published
from registry.cli.teaching import examples
from registry.publish.channels import publish
from registry.release.cut import renumbered


@click.command(
    "publish",
    epilog=examples(
        "promptyard publish                      # HEAD to the first channel",
        "promptyard publish --dry-run",
        "promptyard publish --yes                # in a job, where nobody can be asked",
        "promptyard publish --channel production --ref v1.2 --reason 'Fixes refunds'",
    ),
)
@click.option("--channel", metavar="NAME", help="Where to; default: the first channel of promptyard.yaml.")
@click.option("--ref", default="HEAD", show_default=True, metavar="REV", help="What is published.")
@reason_option
@actor_option
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@yes_option
@pass_context
def command(
    context: Context,
    channel: str | None,
    ref: str,
    reason: str,
    actor: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Sign a release and make it live on a channel.

    Shows first what would appear, change and disappear against what is live, and asks. Services that follow the
    channel load it at their next poll. A commit that does not descend from the live one is refused;
    going back is `promptyard rollback`. Publishing what is live already does nothing. Where promptyard.yaml
    names policy.releaseBranch, a commit that is not on it is refused; so is an unsigned one where it says so.
    """
    where = context.channel(channel)
    release, planned = plan_publish(context, where, ref)
    live = already(planned)
    if dry_run:
        write_plan(context, planned)
    if live is not None and not (dry_run and context.json):
        tell_published(context, where, live, "published", changes=[])
    if dry_run or live is not None:
        return
    origin = require_allowed(context, where, ref)
    require_yes(context, f"Publish release {release.number} to {where.name}?", yes=yes)
    done = publish(
        context.target(),
        where,
        lambda number: release.data if number == release.number else renumbered(release, number).data,
        actor=actor_of(context, actor),
        reason=reason,
        descends=context.repository().descends,
        evidence=evidence_for(context.root, release, asked_of_host(context, origin, planned.manifest.commit)),
        root=context.root,
    )
    tell_published(context, where, done, "published", changes=changes_json(planned.changes))
