"""``promptyard fleet``: which service runs which release, as they report it."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from registry.cli.consent import require_yes, yes_option
from registry.cli.context import Context, pass_context
from registry.cli.shipping import canary_json
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage
from registry.publish.channels import utc_now
from registry.publish.fleet import Fleet, Seen, forget, read_fleet
from registry.publish.moves import Move
from registry.publish.state import read_state
from registry.settings import Channel
from serve.core.model import Json

_SHOWN = 5
_STYLES = {"fresh": "good", "stale": "warning", "empty": "error", "silent": "dim"}


@click.command(
    "fleet",
    epilog=examples(
        "promptyard fleet production",
        "promptyard fleet production --reports 's3://acme-status/prompts?region=eu-north-1' --json",
        "promptyard fleet production --forget web-1-3fa8c21b --yes",
    ),
)
@click.argument("channel", required=False)
@click.option("--reports", metavar="URL", help="Where services report to; default: the store.")
@click.option("--forget", "gone", metavar="INSTANCE", help="Remove the report of one that is gone for good.")
@yes_option
@pass_context
def command(context: Context, channel: str | None, reports: str | None, gone: str | None, yes: bool) -> None:
    """Show the instances of CHANNEL: what each runs, since when, how it is, and what it refused.

    Services report where they were given report=, or PROMPTYARD_REPORT. A report is nobody's signature: it is as
    true as whoever may write there. One whose next report is overdue is silent; after a week it is left
    out. CHANNEL is by default the first of promptyard.yaml.
    """
    where, target = context.channel(channel), context.target(reports)
    if gone is not None:
        require_yes(context, f"Remove the report of {gone} on {where.name}?", yes=yes)
        forget(target, where.name, gone)
    fleet, live = read_fleet(target, where.name, utc_now()), _live(context, where)
    if context.json:
        write_json(fleet_json(where.name, fleet, live))
        return
    _tell(context, where.name, fleet, live)


def fleet_json(channel: str, fleet: Fleet, live: Move | None) -> Json:
    """A fleet as a JSON object."""
    return {
        "channel": channel,
        "release": live.release if live is not None else None,
        "canary": canary_json(live.canary) if live is not None else None,
        "states": dict(fleet.states()),
        "releases": {str(number): count for number, count in fleet.releases().items()},
        "forgotten": fleet.forgotten,
        "unreadable": len(fleet.unreadable),
        "instances": [_json(each) for each in fleet.instances],
    }


def _json(each: Seen) -> Json:
    it, last = each.report, each.report.last_refusal
    refusal = last and {"code": last.code, "reason": last.reason, "at": last.at, "release": last.release}
    return {
        "instance": it.instance,
        "release": it.release,
        "sha256": it.sha256,
        "canary": it.canary,
        "takes": it.takes,
        "state": it.state,
        "silent": each.silent,
        "since": it.since,
        "at": it.at,
        "refusals": it.refusals,
        "lastRefusal": refusal,
    }


def _live(context: Context, where: Channel) -> Move | None:
    """What is signed for; None where the channel has not begun or cannot be read from here."""
    try:
        return read_state(context.target(), where, context.root).move
    except Usage:
        return None


def _tell(context: Context, channel: str, fleet: Fleet, live: Move | None) -> None:
    console = context.console
    console.print(_head(channel, fleet, live), soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=bool(fleet.instances), header_style="dim")
    for name in ("instance", "release", "state", "since", "last report", "refused"):
        table.add_column(name, no_wrap=True)
    for each in fleet.instances:
        table.add_row(*_row(each))
    if fleet.instances:
        console.print(table, soft_wrap=True)
    if fleet.forgotten:
        context.errors.print(f"{fleet.forgotten} more silent for a week", style="dim")
    if fleet.unreadable:
        names = ", ".join(fleet.unreadable[:_SHOWN])
        told = f"{len(fleet.unreadable)} more not to be read; --forget removes one: {names}"
        context.errors.print(Text(told, "warning"), soft_wrap=True)


def _head(channel: str, fleet: Fleet, live: Move | None) -> str:
    signed = f"release {live.release}" if live is not None else "nothing"
    canary = live.canary if live is not None else None
    also = f", release {canary.release} on {canary.percent} %" if canary is not None else ""
    told = summary(fleet) or "no instance reports: give services report=, or PROMPTYARD_REPORT"
    return f"{channel}: {signed} is live{also}; {told}"


def summary(fleet: Fleet) -> str:
    """How many run what, and how they are, in one clause; nothing for no fleet."""
    if not fleet.instances:
        return ""
    runs = ", ".join(f"{count} on {number}" for number, count in fleet.releases().items())
    odd = ", ".join(
        f"{count} {state}" for state, count in fleet.states().items() if count and state != "fresh"
    )
    total = len(fleet.instances)
    head = f"{total} instance{'' if total == 1 else 's'}"
    return "; ".join(part for part in (f"{head}: {runs}" if runs else head, odd) if part)


def _row(each: Seen) -> list[Text]:
    it, last = each.report, each.report.last_refusal
    state = "silent" if each.silent else it.state
    release = "-" if it.release is None else f"{it.release}{' canary' if it.canary else ''}"
    refused = f"{it.refusals}, last {last.code} {last.at}" if last is not None else str(it.refusals)
    return [
        Text(it.instance, "path"),
        Text(release),
        Text(state, _STYLES[state]),
        Text(it.since or "-", "dim"),
        Text(it.at, "dim"),
        Text(refused, "warning" if it.refusals else "dim"),
    ]
