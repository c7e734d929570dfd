"""``promptyard history``: who moved a channel, when, from where, to where, and why."""

from __future__ import annotations

from itertools import islice

import click
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.shipping import move_json
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.publish.moves import Move
from registry.publish.state import moves, read_state


@click.command(
    "history", epilog=examples("promptyard history production", "promptyard history --limit 5 --json")
)
@click.argument("channel", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many moves.")
@pass_context
def command(context: Context, channel: str | None, limit: int) -> None:
    """Show the moves of CHANNEL, newest first, each verified by its signature.

    CHANNEL is by default the first of promptyard.yaml.
    """
    where, target = context.channel(channel), context.target()
    told = tuple(islice(moves(target, read_state(target, where, context.root)), limit))
    if context.json:
        write_json({"channel": where.name, "moves": [move_json(move) for move in told]})
        return
    for move in told:
        context.console.print(_line(move), soft_wrap=True)
    if not told:
        context.errors.print(f"nothing was published to {where.name} yet", style="dim")


def _line(move: Move) -> Text:
    before = f" from {move.was}" if move.was is not None else ""
    origin = f" of {move.source}" if move.source else ""
    line = Text.assemble(
        (move.at, "dim"), "  ", (f"{move.action:<8}", "code"), f" release {move.release}{origin}{before}"
    )
    line.append(f"  {move.commit[:12]}  {move.actor}", "dim")
    return line.append(f"  {move.reason}") if move.reason else line
