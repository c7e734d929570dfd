"""What a publish, a promotion or a rollback would do, the same for the plan and for the deed.

Each is shown as it is worked out, so that a refusal comes with the plan that it refuses.
It must never write.
"""

from __future__ import annotations

from dataclasses import replace

from registry.cli.context import Context
from registry.cli.cutting import cut_revision, tell_uncommitted
from registry.cli.origins import require_allowed
from registry.cli.shipping import canary_json, changes_json, tell_plan
from registry.cli.writers.json import write_json
from registry.errors import Usage
from registry.publish.canary import require_stable
from registry.publish.channels import (
    Published,
    held,
    next_release,
    read_bundle,
    require_descent,
    require_no_rollout,
    require_two,
)
from registry.publish.plan import Plan, plan
from registry.publish.state import read_state
from registry.publish.target import metadata_key
from registry.release.cut import Release
from registry.settings import Channel


def plan_publish(context: Context, where: Channel, revision: str) -> tuple[Release, Plan]:
    """A revision as the next release of a channel; one that is live already is not shown.

    Raises:
        PublishConflict: PUB006, PUB021. Refused: PRV001, PRV002.
        NotClean, Usage, SignatureRefused, StoreUnavailable: as their codes say.
    """
    target = context.target()
    tell_uncommitted(context, revision)
    release = cut_revision(context, revision, next_release(target, where, context.root))
    planned = plan(target, where, release.bundle, context.root)
    if planned.live is None and target.read(metadata_key(where.name, "root", 1)) is None:
        told = f"the store holds nothing of channel {where.name} yet: is it the right one?"
        context.errors.print(told, style="warning", soft_wrap=True)
    if not planned.idle:
        _show(context, where, planned)
    require_allowed(context, where, revision)
    return release, planned


def plan_promote(context: Context, source: Channel, dest: Channel, percent: int | None = None) -> Plan:
    """What is live on one channel, on another: on all of the instances, or on ``percent`` of them.

    Raises:
        Usage: PUB007, PUB015, PUB022. PublishConflict: PUB006, PUB021.
        Refused, StoreUnavailable: as their codes say.
    """
    require_two(source, dest)
    target = context.target()
    live = read_state(target, source, context.root).move
    if live is None:
        raise Usage("PUB007", f"channel {source.name} has no release to promote", "Publish to it first.")
    planned = replace(plan(target, dest, read_bundle(target, live), context.root), percent=percent)
    if percent is not None:
        require_stable(planned.live, dest)
    _show(context, dest, planned, but=live.sha256)
    return planned


def plan_rollback(context: Context, where: Channel, release: int) -> Plan:
    """An earlier release of a channel, live again; a rollout ends with it.

    Raises:
        Usage: PUB008. Refused: PUB009 when its bundle is gone. StoreUnavailable: as its code says.
    """
    target = context.target()
    old = held(target, read_state(target, where, context.root), release)
    planned = plan(target, where, read_bundle(target, old), context.root)
    planned = replace(planned, percent=0) if planned.live is not None and planned.live.canary else planned
    tell_plan(context, planned)
    return planned


def write_plan(context: Context, planned: Plan) -> None:
    """A plan for a program; a person was shown it already."""
    if context.json:
        write_json(
            {
                "channel": planned.channel,
                "live": planned.live.release if planned.live else None,
                "canary": canary_json(planned.live.canary) if planned.live else None,
                "percent": planned.percent,
                "release": planned.manifest.release,
                "commit": planned.manifest.commit,
                "idle": planned.idle,
                "changes": changes_json(planned.changes),
            }
        )


def already(planned: Plan) -> Published | None:
    """What is live, when that is what was planned; None when there is something to do."""
    live = planned.live
    if not planned.idle or live is None:
        return None
    return Published(live.release, live.sha256, live.version, live.commit, False, live.canary)


def _show(context: Context, where: Channel, planned: Plan, *, but: str | None = None) -> None:
    tell_plan(context, planned)
    require_no_rollout(planned.live, where, but=but)
    require_descent(planned.live, planned.manifest.commit, context.repository().descends, where)
