"""What the commands that ship have in common: how a move is told.

It must never publish by itself: each command calls its own journey.
"""

from __future__ import annotations

from rich.text import Text

from registry.cli.context import Context
from registry.cli.writers.json import write_json
from registry.publish.channels import Published
from registry.publish.confirm import Seen, see
from registry.publish.moves import Canary, Move
from registry.publish.plan import Plan
from registry.publish.renewal import Renewal
from registry.rendering.changes import Change
from registry.settings import Channel
from serve.core.model import Json

_SIGNS = {"added": ("+", "added"), "removed": ("-", "removed"), "changed": ("~", "warning")}


def tell_plan(context: Context, plan: Plan) -> None:
    """Print what would change; a program is told in the result instead."""
    if context.json:
        return
    console = context.console
    console.print(_lead(plan), soft_wrap=True)
    for change in plan.changes:
        sign, style = _SIGNS[change.what]
        why = f"  ({', '.join(change.reasons)})" if change.reasons else ""
        console.print(Text(f"  {sign} {change.kind} {change.id}", style).append(why, "dim"), soft_wrap=True)
    if not plan.changes:
        console.print("  no entry changes", style="dim")


def _lead(plan: Plan) -> str:
    """What is there and what comes, in one line."""
    live = f"release {plan.live.release}" if plan.live else "nothing"
    canary = plan.live.canary if plan.live is not None else None
    on_its_way = f", release {canary.release} on {canary.percent} %" if canary is not None else ""
    comes = f"release {plan.manifest.release} comes"
    if plan.percent:
        comes += f" to {plan.percent} % of the instances"
    elif canary is not None:
        comes += " to all"
    return f"{plan.channel}: {live} is live{on_its_way}, {comes}"


def count(prompts: int) -> str:
    """So many prompts, in words."""
    return f"{prompts} prompt{'' if prompts == 1 else 's'}"


def changes_json(changes: tuple[Change, ...]) -> list[Json]:
    """Changes as JSON objects."""
    return [{"what": c.what, "kind": c.kind, "id": c.id, "reasons": list(c.reasons)} for c in changes]


def tell_published(context: Context, channel: Channel, done: Published, verb: str, **more: Json) -> None:
    """Read a channel back as a service would, then tell what is live."""
    seen = see(context.settings.store, channel, context.root)
    if context.json:
        told = {
            "channel": channel.name,
            "release": done.release,
            "sha256": done.sha256,
            "version": done.version,
            "commit": done.commit,
            "changed": done.changed,
            "canary": canary_json(done.canary),
            "seen": _seen_json(seen),
        }
        write_json({**told, **more})
        return
    lead = (verb, "good") if done.changed else ("already live", "dim")
    line = Text.assemble(lead, f"  {_place(done, channel.name)}", (f"  {_digest(done)[:12]}", "dim"))
    context.console.print(line, soft_wrap=True)
    expected = (done.sha256, done.canary.sha256 if done.canary is not None else None)
    found = (seen.sha256, seen.canary.sha256 if seen.canary is not None else None)
    later = "" if found == expected else f"; release {seen.release} is live by now"
    context.console.print(
        f"verified as a service would: {count(seen.prompts)}{later}", style="dim", soft_wrap=True
    )


def _place(done: Published, channel: str) -> str:
    canary = done.canary
    if canary is None:
        return f"release {done.release} on {channel}"
    return (
        f"release {canary.release} on {canary.percent} % of {channel}, release {done.release} on the others"
    )


def _digest(done: Published) -> str:
    return done.canary.sha256 if done.canary is not None else done.sha256


def _seen_json(seen: Seen) -> Json:
    told: dict[str, Json] = {"release": seen.release, "sha256": seen.sha256}
    if seen.canary is not None:
        told["canary"] = {"release": seen.canary.release, "sha256": seen.canary.sha256}
    return told


def canary_json(canary: Canary | None) -> Json:
    """A release on its way as a JSON object, or null."""
    if canary is None:
        return None
    return {
        "release": canary.release,
        "percent": canary.percent,
        "was": canary.was,
        "since": canary.since,
        "bakeSeconds": canary.bake_s,
        "steps": list(canary.steps),
        "source": canary.source,
        "commit": canary.commit,
        "sha256": canary.sha256,
    }


def move_json(move: Move) -> Json:
    """A move as a JSON object."""
    return {
        "release": move.release,
        "action": move.action,
        "from": move.was,
        "source": move.source,
        "actor": move.actor,
        "at": move.at,
        "reason": move.reason,
        "commit": move.commit,
        "sha256": move.sha256,
        "version": move.version,
        "canary": canary_json(move.canary),
        "ended": move.ended,
    }


def renewal_json(renewal: Renewal) -> Json:
    """A signature for the same release as a JSON object."""
    return {
        "release": renewal.release,
        "from": renewal.was,
        "to": renewal.version,
        "actor": renewal.actor,
        "at": renewal.at,
        "reason": renewal.reason,
        "commit": renewal.commit,
    }
