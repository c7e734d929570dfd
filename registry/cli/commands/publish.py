"""``promptyard publish``: plan, commit, read back."""

from __future__ import annotations

import click

from registry.cli.context import Context, pass_context
from registry.cli.cutting import cut_revision, evidence_for, tell_uncommitted
from registry.cli.shipping import actor_of, changes_json, tell_plan, tell_published
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.publish.channels import Published, next_release, publish, require_descent
from registry.publish.plan import plan
from registry.release.cut import renumbered


@click.command(
    "publish",
    epilog=examples(
        "promptyard publish                      # HEAD to the first channel",
        "promptyard publish --dry-run",
        "promptyard publish --channel production --ref v1.2 --reason 'Fixes refunds'",
    ),
)
@click.option("--channel", metavar="NAME", help="Where to; default: the first channel of promptyard.yaml.")
@click.option("--ref", default="HEAD", show_default=True, metavar="REV", help="What is published.")
@click.option("--reason", default="", metavar="TEXT", help="Why, for the history everybody can read.")
@click.option("--actor", metavar="NAME", help="Who; default: GITHUB_ACTOR, or the author Git knows.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@pass_context
def command(
    context: Context, channel: str | None, ref: str, reason: str, actor: str | None, dry_run: bool
) -> None:
    """Sign a release and make it live on a channel.

    Shows first what would appear, change and disappear against what is live. Services that follow the
    channel load it at their next poll. A commit that does not descend from the live one is refused;
    going back is `promptyard rollback`. Publishing what is live already does nothing.
    """
    where, target = context.channel(channel), context.target()
    tell_uncommitted(context, ref)
    release = cut_revision(context, ref, next_release(target, where, context.root))
    planned = plan(target, where, release.bundle, context.root)
    if planned.idle and planned.live is not None:
        live = planned.live
        done = Published(live.release, live.sha256, live.version, live.commit, changed=False)
        tell_published(context, where, done, "published", changes=[])
        return
    tell_plan(context, planned)
    descends = context.repository().descends
    require_descent(planned.live, planned.manifest.commit, descends, where)
    if dry_run:
        if context.json:
            write_json(
                {"channel": where.name, "release": release.number, "changes": changes_json(planned.changes)}
            )
        return
    done = publish(
        target,
        where,
        lambda number: release.data if number == release.number else renumbered(release, number).data,
        actor=actor_of(context, actor),
        reason=reason,
        descends=descends,
        evidence=evidence_for(context.root, release.bundle.manifest),
        root=context.root,
    )
    tell_published(context, where, done, "published", changes=changes_json(planned.changes))
