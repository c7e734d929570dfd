"""``promptyard resign``: the daily signature that keeps services from reporting stale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import click

from registry.cli.acting import actor_of, actor_option
from registry.cli.context import Context, pass_context
from registry.cli.lengths import Length
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import PromptyardError
from registry.publish.resign import resign


@click.command(
    "resign", epilog=examples("promptyard resign --if-older-than 24h", "promptyard resign production")
)
@click.argument("channels", nargs=-1)
@click.option(
    "--if-older-than",
    "age",
    type=Length(),
    default="0m",
    metavar="AGE",
    help="Only signatures older, e.g. 24h.",
)
@click.option(
    "--reason", default="", metavar="TEXT", help="Why; it is signed along, and promptyard history shows it."
)
@actor_option
@pass_context
def command(
    context: Context, channels: tuple[str, ...], age: timedelta, reason: str, actor: str | None
) -> None:
    """Sign the timestamp of CHANNELS again, for another seven days; nothing else changes.

    Needs the online key alone and is safe to repeat from anywhere: run it daily. CHANNELS are by
    default all of promptyard.yaml that have a release. Who signed, and why, is signed along. What is wrong with
    one channel keeps no other from being signed; the command fails at the end.
    """
    target, who = context.target(), actor_of(context, actor)
    done: dict[str, bool] = {}
    failed: list[PromptyardError] = []
    for name in channels or _begun(context):
        channel = context.channel(name)
        try:
            done[name] = resign(target, channel, older_than=age, actor=who, reason=reason, root=context.root)
        except PromptyardError as error:  # what is wrong with one channel must not let the others expire
            failed.append(error)
    if context.json:
        write_json({"signed": done})
    else:
        _tell(context, done, failed[:-1])
    if failed:
        raise failed[-1]


def _tell(context: Context, done: Mapping[str, bool], failed: Sequence[PromptyardError]) -> None:
    """What was signed, and what failed besides the error that ends the command."""
    for name, signed in done.items():
        said = "signed again" if signed else "young enough"
        context.console.print(f"{name}: {said}", style="good" if signed else "dim")
    for error in failed:
        context.errors.print(str(error), style="error", soft_wrap=True)


def _begun(context: Context) -> list[str]:
    """The channels that have a release."""
    target = context.target()
    names = list(context.settings.channels)
    return [
        name
        for name in names
        if f"channels/{name}/metadata/timestamp.json" in target.list(f"channels/{name}/metadata/")
    ]
