"""``promptyard gc``: what no channel needs any more leaves the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import click
from rich.text import Text

from registry.cli.acting import actor_of, actor_option
from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.publish.channels import utc_now
from registry.publish.collect import Survey, collect, removable_at, survey
from registry.publish.hearsay import plain
from registry.publish.needed import Keep

_SHOWN = 20


@click.command(
    "gc",
    epilog=examples("promptyard gc --dry-run", "promptyard gc --yes", "promptyard gc --keep 200 --days 365"),
)
@click.option(
    "--keep", type=click.IntRange(min=2), default=50, show_default=True, help="Releases of each channel."
)
@click.option(
    "--days", type=click.IntRange(0, 36_500), default=90, show_default=True, help="All that were live since."
)
@click.option("--reason", default="", metavar="TEXT", help="Why, for the list of runs in the store.")
@actor_option
@click.option("--dry-run", is_flag=True, help="Show what would be removed and stop.")
@yes_option
@pass_context
def command(
    context: Context, keep: int, days: int, reason: str, actor: str | None, dry_run: bool, yes: bool
) -> None:
    """Remove from the store the bundles, evidence and leftovers that no channel needs any more.

    Kept are the last releases of every channel, all that were live lately, their evidence, every root and
    the whole history. What a run finds unneeded it only marks; a run 48 hours later (14 days for metadata)
    removes it, unless a publish or rollback took it back. Run it weekly.
    """
    target = context.target()
    channels = [context.channel(name) for name in context.settings.channels]
    plan = survey(target, channels, keep=Keep(keep, days), root=context.root, now=utc_now)
    if not context.json:
        _tell(context, plan)
    done = not dry_run and not plan.idle
    if done:
        require_yes(context, _question(plan), yes=yes)
        collect(target, plan, actor=actor_of(context, actor), reason=reason, now=utc_now)
    if context.json:
        _write(plan, done=done)
    elif done:
        context.console.print(
            f"removed {len(plan.remove)}, marked {len(plan.condemn)}", style="good", soft_wrap=True
        )


def _question(plan: Survey) -> str:
    if plan.remove:
        return f"Remove {len(plan.remove)} for good and mark {len(plan.condemn)}?"
    return f"Mark {len(plan.condemn)} for removal?"


def _tell(context: Context, plan: Survey) -> None:
    for last in plan.found.runs[:1]:
        told = f"last run {last.at} by {last.actor}: removed {last.removed}, marked {last.marked}"
        context.console.print(Text(plain(f"{told}  {last.reason}".rstrip(), 500), "dim"), soft_wrap=True)
    context.console.print(f"{len(plan.needed)} objects are needed and stay", style="dim")
    for verb, style, keys in (("remove", "removed", plan.remove), ("mark", "warning", plan.condemn)):
        for key in _first(keys):
            context.console.print(Text.assemble((f"{verb:<8}", style), key), soft_wrap=True)
    if plan.waiting:
        context.console.print(f"{len(plan.waiting)} marked before", style="dim")
    if (when := removable_at(plan, utc_now())) is not None:
        context.console.print(f"the next removal is possible from {when:%Y-%m-%d %H:%M} UTC", style="dim")
    elif not plan.remove:
        context.console.print("nothing is to be removed", style="dim")


def _first(keys: tuple[str, ...]) -> Iterable[str]:
    yield from keys[:_SHOWN]
    if len(keys) > _SHOWN:
        yield f"… and {len(keys) - _SHOWN} more; --json names all"


def _write(plan: Survey, *, done: bool) -> None:
    write_json(
        {
            "done": done,
            "remove": list(plan.remove),
            "mark": list(plan.condemn),
            "waiting": {key: f"{due:%Y-%m-%dT%H:%M:%SZ}" for key, due in plan.waiting.items()},
            "needed": dict(plan.needed),
            "runs": [asdict(run) for run in plan.found.runs],
        }
    )
