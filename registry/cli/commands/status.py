"""``promptyard status``: Git's head against what each channel serves, and what services say they run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import click
from rich.text import Text

from registry.cli.commands.fleet import summary
from registry.cli.context import Context, pass_context
from registry.cli.shipping import move_json
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import PromptyardError, Refused, StoreUnavailable, Usage
from registry.publish.fleet import Fleet, read_fleet
from registry.publish.state import Live, read_state
from registry.publish.target import Target, metadata_key
from registry.rendering.resolve import resolve
from serve.core.model import Json

_ALARM_DAYS = 3.0
_NOT_HERE = "not in this store: is it away, or another than promptyard.yaml says? A publish begins it"


@dataclass(frozen=True, slots=True)
class _Head:
    """Git's head: its commit, and its content where that can be resolved."""

    commit: str | None
    content_sha256: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    """One channel: what is live, how it stands to Git's head, days until its signatures expire, who runs what."""

    channel: str
    live: Live | None
    stands: str
    expires_days: float | None = None
    exit_code: int = 0
    fleet: Fleet | None = None


@click.command("status", epilog=examples("promptyard status", "promptyard status --json"))
@pass_context
def command(context: Context) -> int:
    """Show what is live on each channel, against Git's head and against what services say they run.

    Reads the store and verifies it; a channel that must not be believed says why, and the exit code is
    3; it is 4 where the store does not hold a channel that was begun. Signatures that expire within
    three days are marked: sign them again with `promptyard resign`.
    """
    head, target = _head(context), context.target()
    rows = [_row(context, target, name, head) for name in context.settings.channels]
    if context.json:
        write_json({"head": head.commit, "channels": [_json(row) for row in rows]})
        return _exit_code(rows)
    context.console.print(Text.assemble(("head", "dim"), f"  {(head.commit or 'no commit')[:12]}"))
    for row in rows:
        context.console.print(_line(row), soft_wrap=True)
    return _exit_code(rows)


def _exit_code(rows: list[_Row]) -> int:
    return max((row.exit_code for row in rows), default=0)


def _head(context: Context) -> _Head:
    try:
        commit = context.tree("HEAD").commit
    except Usage:
        return _Head(None, None)
    try:
        return _Head(commit, resolve(context.catalog("HEAD")).manifest.content_sha256)
    except PromptyardError:
        return _Head(commit, None)  # a head that lint refuses still has a place in history


def _row(context: Context, target: Target, name: str, head: _Head) -> _Row:
    channel = context.channel(name)
    if not (context.root / channel.root).is_file():
        return _Row(name, None, "no trusted root yet")
    try:
        live = read_state(target, channel, context.root).live
    except Refused as error:
        return _Row(name, None, str(error).rstrip("."), exit_code=error.exit_code)
    if live is None and target.read(metadata_key(name, "root", 1)) is None:
        return _Row(name, None, _NOT_HERE, exit_code=StoreUnavailable.exit_code)
    if live is None:
        return _Row(name, None, "nothing published")
    soonest = min(live.timestamp_expires, live.snapshot_expires, live.targets_expires)
    left = (soonest - datetime.now(UTC)).total_seconds() / 86400
    return _Row(name, live, _stands(context, live, head), left, fleet=_fleet_of(target, name))


def _fleet_of(target: Target, channel: str) -> Fleet | None:
    """Who runs what; None for somebody who may read the channel and not list reports."""
    try:
        return read_fleet(target, channel, datetime.now(UTC))
    except StoreUnavailable:
        return None


def _stands(context: Context, live: Live, head: _Head) -> str:
    """How a live release stands to Git's head."""
    if head.commit is None:
        return "no Git to compare with"
    if live.move.commit == head.commit:
        return "at head"
    if live.move.content_sha256 == head.content_sha256:
        return "same content as head"
    try:
        behind = context.repository().descends(live.move.commit, head.commit)
    except Usage:
        return "not to be told in a shallow clone"
    return "behind head" if behind else "not in this branch"


def _json(row: _Row) -> Json:
    told: dict[str, Json] = {
        "channel": row.channel,
        "stands": row.stands,
        "live": None,
        "expiresInDays": None,
        "fleet": None,
    }
    if row.live is not None and row.expires_days is not None:
        told["fleet"] = _fleet(row.fleet)
        told |= {"live": move_json(row.live.move), "expiresInDays": round(row.expires_days, 2)}
    return told


def _fleet(fleet: Fleet | None) -> Json:
    if fleet is None or not fleet.instances:
        return None
    releases = {str(number): count for number, count in fleet.releases().items()}
    return {"instances": len(fleet.instances), "states": dict(fleet.states()), "releases": releases}


def _line(row: _Row) -> Text:
    line = Text.assemble((f"{row.channel:<12}", "path"))
    if row.live is None or row.expires_days is None:
        return line.append(row.stands, "error" if row.exit_code else "dim")
    move = row.live.move
    style = "good" if row.stands in {"at head", "same content as head"} else "warning"
    line.append(f"release {move.release}  {move.commit[:12]}  ").append(row.stands, style)
    line.append(f"  {move.action} {move.at} {move.actor}", "dim")
    if move.canary is not None:
        told = f"  release {move.canary.release} on {move.canary.percent} % since {move.canary.since}"
        line.append(told, "warning")
    if row.fleet is not None and (told := summary(row.fleet)):
        line.append(f"  {told}", "dim")
    if row.expires_days <= 0:
        return line.append("  signatures have expired", "error")
    if row.expires_days < _ALARM_DAYS:
        return line.append(f"  signatures expire in {row.expires_days:.1f} days", "warning")
    return line
