"""A rollout taken step by step while it is healthy, and taken back when it is not.

All that is known of it is in the signed metadata, so a watch that dies is followed by one that goes on where it was,
and two watches at once do no harm: a step is taken only from the step that was looked at.
It must never take silence for health: what cannot be told holds the rollout where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from registry.errors import PublishConflict, Unavailable
from registry.publish.canary import Pace, next_step, nothing_on_its_way, step
from registry.publish.channels import Now, Wait, jittered, utc_now
from registry.publish.fleet import Finding, examine, read_fleet
from registry.publish.gauges import Gauge
from registry.publish.moves import WHOLE, Canary
from registry.publish.state import Live, read_state
from registry.publish.target import Target
from registry.publish.times import moment
from registry.settings import Channel

Act = Literal["hold", "advance", "finish", "end", "gone"]
SUFFIX = " (rollout watch)"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with a step, to what percent, and why."""

    act: Act
    percent: int
    why: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What a rollout is watched by.

    Attributes:
        target: the store that is published to.
        reports: the store that services report to.
        channel: where the rollout is.
        actor: who is named in the signed moves.
        pace: steps and bake time, where they are not to be those the rollout began with.
        max_refusals: so many instances may refuse the release.
        gauge: a query to ask as well.
        root: what the channel's paths are relative to.
        now: the time.
        wait: between attempts at a move.
    """

    target: Target
    reports: Target
    channel: Channel
    actor: str
    pace: Pace = field(default_factory=Pace)
    max_refusals: int = 0
    gauge: Gauge | None = None
    root: Path = Path()
    now: Now = utc_now
    wait: Wait = jittered


def decide(
    canary: Canary, findings: Sequence[Finding], now: datetime, *, steps: Sequence[int], bake_s: float
) -> Decision:
    """What to do with a step that stands since ``canary.since``: a pure function of what was found.

    One bad finding ends the rollout at once. Otherwise it holds for the bake time, and then for as long as anything
    is unknown; a release that nobody ran is not made live on all.
    """
    bad = next((each for each in findings if each.word == "bad"), None)
    if bad is not None:
        return Decision("end", 0, bad.why)
    left_s = bake_s - (now - moment(canary.since)).total_seconds()
    if left_s > 0:
        return Decision("hold", canary.percent, f"bakes for another {left_s:.0f} s")
    unknown = next((each for each in findings if each.word == "unknown"), None)
    if unknown is not None or not findings:
        return Decision("hold", canary.percent, unknown.why if unknown else "nothing is known")
    why = "; ".join(each.why for each in findings)
    percent = next_step(canary, steps)
    if percent < WHOLE:
        return Decision("advance", percent, why)
    if all(each.word == "nobody" for each in findings):
        return Decision("hold", canary.percent, f"{why}: nobody has tried it")
    return Decision("finish", WHOLE, why)


def look(watch: Watch) -> tuple[Canary, Decision]:
    """What is on its way, and what to do; nothing is changed.

    Raises:
        Usage: PUB024 nothing is on its way, PUB027. SignatureRefused, StoreUnavailable: as their codes say.
    """
    live = _live(watch)
    canary = live.move.canary if live is not None else None
    if live is None or canary is None:
        raise nothing_on_its_way(watch.channel)
    return canary, _decision(watch, canary, live.timestamp_expires)


def act(watch: Watch, canary: Canary, decision: Decision) -> Decision:
    """Sign what was decided on a step; where that fails or somebody was faster, it holds."""
    if decision.act == "hold":
        return decision
    reason = decision.why if decision.act != "end" else f"taken back by itself: {decision.why}"
    try:
        step(
            watch.target,
            watch.channel,
            decision.percent,
            actor=f"{watch.actor}{SUFFIX}",
            reason=reason,
            seen=canary,
            pace=watch.pace,
            root=watch.root,
            now=watch.now,
            wait=watch.wait,
        )
    except (PublishConflict, Unavailable) as error:
        return Decision("hold", canary.percent, f"{error.code} {error.what}")
    return decision


def watch(it: Watch, rest: Callable[[], object], *, once: bool = False) -> Iterator[tuple[Canary, Decision]]:
    """Look, decide, act, rest, until the rollout is over; each look with what came of it.

    A store that does not answer holds the rollout. ``rest`` sleeps between two looks.

    Raises:
        Usage: PUB024 nothing is on its way, PUB027, KEY00x. SignatureRefused: as its code says.
    """
    last: Canary | None = None
    while True:
        try:
            live = _live(it)
            canary = live.move.canary if live is not None else None
            if last is not None and (canary is None or canary.sha256 != last.sha256):
                yield last, _over(live, last)
                return
            if live is None or canary is None:
                raise nothing_on_its_way(it.channel)
            last = canary
            done = act(it, canary, _decision(it, canary, live.timestamp_expires))
        except Unavailable as error:
            if last is None:
                raise
            done = Decision("hold", last.percent, f"{error.code} {error.what}")
        yield last, done
        if once or done.act in {"finish", "end"}:
            return
        rest()


def _live(watch: Watch) -> Live | None:
    return read_state(watch.target, watch.channel, watch.root).live


def _over(live: Live | None, last: Canary) -> Decision:
    """What came of a rollout that somebody else saw through."""
    if live is not None and live.move.sha256 == last.sha256:
        return Decision("finish", WHOLE, "somebody else finished it")
    return Decision("gone", last.percent, "somebody else ended it")


def _decision(watch: Watch, canary: Canary, expires: datetime) -> Decision:
    pace = watch.pace
    bake_s = canary.bake_s if pace.bake_s is None else pace.bake_s
    steps = pace.steps or canary.steps
    findings = _findings(watch, canary)
    if expires <= watch.now():
        why = "the signatures have expired, or this machine's clock is days ahead: promptyard resign"
        findings.insert(0, Finding("unknown", why))
    return decide(canary, findings, watch.now(), steps=steps, bake_s=bake_s)


def _findings(watch: Watch, canary: Canary) -> list[Finding]:
    """What the fleet says, unless nobody reports and there is a query to go by; and what the query says."""
    fleet = read_fleet(watch.reports, watch.channel.name, watch.now())
    found = []
    if watch.gauge is None or fleet.instances or fleet.unreadable:
        found.append(examine(fleet, canary, max_refusals=watch.max_refusals))
    if watch.gauge is not None and not any(each.word == "bad" for each in found):
        found.append(watch.gauge.examine(watch.channel.name, canary.release))
    return found
