"""How a channel's keys stand, in words and as JSON.

It must never decide what is alarming: that is told with the standing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from registry.publish.roots import Held, Quorum
from registry.publish.standing import Duty, Paper, Standing
from serve.core.model import Json

_DAY_S = 86_400


def write_standing(console: Console, found: Standing, now: datetime) -> None:
    """A channel's keys, expiries and proposal, for people."""
    head = f"root {found.version}" if found.version else "no trusted root yet"
    console.print(Text.assemble((found.channel, "path"), f"  {head}"), soft_wrap=True)
    for duty in found.duties:
        held = ", ".join(map(str, duty.keys))
        console.print(f"  {duty.role:<8} {duty.threshold} of {len(duty.keys)}  {held}", soft_wrap=True)
    for paper in found.papers:
        console.print(_paper_line(paper, now), soft_wrap=True)
    if found.revoked:
        console.print(
            f"  revoked  {', '.join(each[:12] for each in found.revoked)}", style="dim", soft_wrap=True
        )
    if found.version and found.in_store is False:
        line = f"  root {found.version} is not in the store yet: promptyard keys publish {found.channel}"
        console.print(line, style="warning", soft_wrap=True)
    if found.trouble is not None:
        console.print(f"  {found.trouble}", style="error", soft_wrap=True)
    if found.proposed is not None:
        console.print(f"  proposed root {found.proposed[0]}")
        write_quorums(console, found.proposed[1])


def write_quorums(console: Console, quorums: tuple[Quorum, ...]) -> None:
    """Who signed a root, and who still can."""
    for each in quorums:
        whose = f"  root {each.version}'s keys: {len(each.signed)} of {each.threshold} signatures"
        line = Text(whose, "good" if each.complete else "warning")
        if each.signed:
            line.append(f"  signed by {', '.join(map(str, each.signed))}", "dim")
        if each.missing and not each.complete:
            line.append(f"  can still sign: {', '.join(map(str, each.missing))}", "dim")
        console.print(line, soft_wrap=True)


def _paper_line(paper: Paper, now: datetime) -> Text:
    left = (paper.expires - now).total_seconds() / _DAY_S
    when = f"expires {paper.expires.astimezone(UTC):%Y-%m-%d}, in {left:.0f} days"
    if left <= 0:
        when = f"expired {paper.expires.astimezone(UTC):%Y-%m-%d}"
    return Text(f"  {paper.role:<9} version {paper.version}, {when}", "warning" if paper.alarm else "dim")


def standing_json(found: Standing) -> Json:
    """The same for programs."""
    return {
        "channel": found.channel,
        "root": found.version,
        "inStore": found.in_store,
        "trouble": found.trouble,
        "roles": [_duty_json(each) for each in found.duties],
        "documents": [_paper_json(each) for each in found.papers],
        "revoked": list(found.revoked),
        "proposed": None
        if found.proposed is None
        else {"version": found.proposed[0], "quorums": [quorum_json(each) for each in found.proposed[1]]},
        "alarm": found.alarm,
    }


def _duty_json(duty: Duty) -> Json:
    return {"role": duty.role, "threshold": duty.threshold, "keys": [_held_json(each) for each in duty.keys]}


def _paper_json(paper: Paper) -> Json:
    expires = paper.expires.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"role": paper.role, "version": paper.version, "expires": expires, "alarm": paper.alarm}


def quorum_json(quorum: Quorum) -> Json:
    """One count of signatures, for programs."""
    return {
        "root": quorum.version,
        "threshold": quorum.threshold,
        "signed": [_held_json(each) for each in quorum.signed],
        "missing": [_held_json(each) for each in quorum.missing],
    }


def _held_json(held: Held) -> Json:
    return {"id": held.id, "owner": held.owner}
