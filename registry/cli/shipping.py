"""What the commands that ship have in common: who acts, and how a move is told.

It must never publish by itself: each command calls its own journey.
"""

from __future__ import annotations

import getpass
import os

from rich.text import Text

from registry.cli.context import Context
from registry.cli.writers.json import write_json
from registry.errors import Usage
from registry.publish.channels import Published
from registry.publish.confirm import see
from registry.publish.moves import Move
from registry.publish.plan import Plan
from registry.rendering.changes import Change
from registry.settings import Channel
from serve.core.model import Json

_SIGNS = {"added": ("+", "added"), "removed": ("-", "removed"), "changed": ("~", "warning")}


def actor_of(context: Context, named: str | None = None) -> str:
    """Who acts: as named, as CI says, as Git says (without the mail address), or the name of the account."""
    if acting := named or os.environ.get("GITHUB_ACTOR"):
        return acting
    try:
        return context.repository().author.partition(" <")[0] or getpass.getuser()
    except (Usage, OSError):
        return getpass.getuser()


def tell_plan(context: Context, plan: Plan) -> None:
    """Print what would change; a program is told in the result instead."""
    if context.json:
        return
    live = f"release {plan.live.release}" if plan.live else "nothing"
    console = context.console
    console.print(f"{plan.channel}: {live} is live, release {plan.manifest.release} comes", soft_wrap=True)
    for change in plan.changes:
        sign, style = _SIGNS[change.what]
        why = f"  ({', '.join(change.reasons)})" if change.reasons else ""
        console.print(Text(f"  {sign} {change.kind} {change.id}", style).append(why, "dim"), soft_wrap=True)
    if not plan.changes:
        console.print("  no entry changes", style="dim")


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
            "seen": {"release": seen.release, "sha256": seen.sha256},
        }
        write_json({**told, **more})
        return
    lead = (verb, "good") if done.changed else ("already live", "dim")
    line = Text.assemble(
        lead, f"  release {done.release} on {channel.name}", (f"  {done.sha256[:12]}", "dim")
    )
    context.console.print(line, soft_wrap=True)
    later = "" if seen.sha256 == done.sha256 else f"; release {seen.release} is live by now"
    context.console.print(
        f"verified as a service would: {count(seen.prompts)}{later}", style="dim", soft_wrap=True
    )


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
    }
