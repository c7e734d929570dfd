"""``promptyard resign``: the daily signature that keeps services from reporting stale."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.publish.resign import resign

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class _Age(click.ParamType[timedelta]):
    """A length of time such as 90m, 24h or 2d."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6})([mhd])", str(value))
        if found is None:
            self.fail(f"{value} is not a length of time such as 90m, 24h or 2d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command(
    "resign", epilog=examples("promptyard resign --if-older-than 24h", "promptyard resign production")
)
@click.argument("channels", nargs=-1)
@click.option(
    "--if-older-than",
    "age",
    type=_Age(),
    default="0m",
    metavar="AGE",
    help="Only signatures older, e.g. 24h.",
)
@pass_context
def command(context: Context, channels: tuple[str, ...], age: timedelta) -> None:
    """Sign the timestamp of CHANNELS again, for another seven days; nothing else changes.

    Needs the online key alone and is safe to repeat from anywhere: run it daily. CHANNELS are by
    default all of promptyard.yaml that have a release.
    """
    target = context.target()
    done: dict[str, bool] = {}
    for name in channels or _begun(context):
        done[name] = resign(target, context.channel(name), older_than=age, root=context.root)
    if context.json:
        write_json({"signed": done})
        return
    for name, signed in done.items():
        context.console.print(
            f"{name}: {'signed again' if signed else 'young enough'}", style="good" if signed else "dim"
        )


def _begun(context: Context) -> list[str]:
    """The channels that have a release."""
    target = context.target()
    names = list(context.settings.channels)
    return [
        name
        for name in names
        if f"channels/{name}/metadata/timestamp.json" in target.list(f"channels/{name}/metadata/")
    ]
