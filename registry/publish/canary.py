"""A release on its way: its first step, the next, the last, or back.

Each step is one signed move that leaves ``stable`` where it is, so services that know no rollouts see none.
The last makes the release live; the way back names it in the signed history as broken off.
It must never draw instances anew within a rollout: a higher percent only adds to those that have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from registry.errors import PublishConflict, Usage
from registry.publish.channels import (
    Now,
    Published,
    Wait,
    jittered,
    pointing,
    promoted,
    read_bundle,
    require_descent,
    require_no_rollout,
    require_two,
    run,
    utc_now,
)
from registry.publish.commit import Proposal
from registry.publish.condemned import spare
from registry.publish.moves import WHOLE, Canary, Move
from registry.publish.needed import objects_of
from registry.publish.order import Descends
from registry.publish.state import State
from registry.publish.target import Target
from registry.publish.times import iso
from registry.settings import Channel

STEPS = (1, 10, 50, WHOLE)
BAKE_S = 600
_SALT_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """How a rollout goes on; None leaves what the rollout under way says, or else the default."""

    bake_s: int | None = None
    steps: tuple[int, ...] | None = None


def stage(
    target: Target,
    source: Channel,
    dest: Channel,
    percent: int,
    *,
    actor: str,
    descends: Descends,
    reason: str = "",
    seen: int | None = None,
    pace: Pace = Pace(),
    root: Path = Path(),
    now: Now = utc_now,
    wait: Wait = jittered,
) -> Published:
    """Let ``percent`` (1 to 99) of the instances on one channel run what is live on another.

    Nothing is done where they do already, or where the release is live on all. ``seen`` is the release that was looked at.

    Raises:
        Usage: PUB007, PUB015, PUB022 nothing is live on the destination to stand beside, PUB023 no percent.
        PublishConflict: PUB003, PUB006, PUB017, PUB021 another release is on its way, PUB029 not as seen.
        BundleRefused, SignatureRefused, StoreUnavailable: as their codes say; nothing is changed then.
    """
    require_two(source, dest)
    _require_part(percent)
    live = promoted(target, source, seen, root, now)

    def propose(state: State) -> Proposal | Move:
        stable = require_stable(state.move, dest)
        require_no_rollout(stable, dest, but=live.sha256)
        before = stable.canary
        if stable.sha256 == live.sha256 or (before and _paced(before, pace, percent) == before):
            return stable
        require_descent(stable, live.commit, descends, dest)
        spare(target, (*objects_of(stable), *objects_of(live)), wait)
        read_bundle(target, live)
        begun = _paced(before or _begun(live, source), pace, percent)
        return Proposal(_stepped(stable, begun, actor, reason, now))

    return run(target, dest, root, propose, now, wait)


def step(
    target: Target,
    channel: Channel,
    percent: int,
    *,
    actor: str,
    reason: str = "",
    seen: Canary | None = None,
    pace: Pace = Pace(),
    root: Path = Path(),
    now: Now = utc_now,
    wait: Wait = jittered,
) -> Published:
    """Take the rollout of a channel to another percent: 100 makes its release live on all, 0 ends it.

    Args:
        target: the store.
        channel: where the rollout is under way.
        percent: of the instances.
        actor: who.
        reason: why.
        seen: the step that this was decided on.
        pace: what the watch after it goes by.
        root: what the channel's paths are relative to.
        now: the time.
        wait: between attempts.

    Raises:
        Usage: PUB023 no percent, PUB024 nothing is on its way. PublishConflict: PUB003, PUB017, PUB025 not as seen.
        BundleRefused, SignatureRefused, StoreUnavailable: as their codes say; nothing is changed then.
    """
    if percent not in {0, WHOLE}:
        _require_part(percent)

    def propose(state: State) -> Proposal | Move:
        stable = require_stable(state.move, channel)
        canary = stable.canary
        if seen is not None and canary != seen:
            what = f"the rollout on {channel.name} is no longer at the step that was looked at"
            raise PublishConflict("PUB025", what, "Look again: somebody else took it on.")
        if canary is None:
            raise nothing_on_its_way(channel)
        if _paced(canary, pace, percent) == canary:
            return stable
        spare(target, objects_of(stable), wait)
        if percent == 0:
            return Proposal(pointing(stable, state, "rollback", actor, reason, now))
        read_bundle(target, _whole(canary))
        if percent == WHOLE:
            source = canary.source
            return Proposal(pointing(_whole(canary), state, "promote", actor, reason, now, source=source))
        return Proposal(_stepped(stable, _paced(canary, pace, percent), actor, reason, now))

    return run(target, channel, root, propose, now, wait)


def require_stable(live: Move | None, channel: Channel) -> Move:
    """What is live; raises Usage (PUB022) where nothing is, since all of the instances would have nothing else."""
    if live is None:
        what = f"channel {channel.name} has no release yet, so nothing could stand beside a canary"
        raise Usage("PUB022", what, "Promote the first one to all: leave --canary out.")
    return live


def nothing_on_its_way(channel: Channel) -> Usage:
    """The error of a rollout that is asked about where there is none."""
    what = f"no release is on its way on {channel.name}"
    return Usage("PUB024", what, f"Begin: promptyard promote SOURCE {channel.name} --canary 1.")


def next_step(canary: Canary, steps: Sequence[int] = ()) -> int:
    """The percent after this one."""
    return min((step for step in (*(steps or canary.steps), WHOLE) if step > canary.percent), default=WHOLE)


def _require_part(percent: int) -> None:
    if not 1 <= percent < WHOLE:
        what = f"{percent} % of the instances is no step of a rollout"
        raise Usage("PUB023", what, "Name 1 to 99; 100 is a promotion to all, 0 ends the rollout.")


def _begun(live: Move, source: Channel) -> Canary:
    return Canary(
        release=live.release,
        sha256=live.sha256,
        size_bytes=live.size_bytes,
        commit=live.commit,
        content_sha256=live.content_sha256,
        percent=0,
        was=0,
        salt=live.sha256[:_SALT_DIGITS],
        bake_s=BAKE_S,
        steps=STEPS,
        since="",
        source=source.name,
        evidence_sha256=live.evidence_sha256,
    )


def _paced(canary: Canary, pace: Pace, percent: int) -> Canary:
    """The step as it should be, at the time of the one before."""
    bake_s = canary.bake_s if pace.bake_s is None else pace.bake_s
    return replace(canary, percent=percent, bake_s=bake_s, steps=pace.steps or canary.steps)


def _stepped(stable: Move, canary: Canary, actor: str, reason: str, now: Now) -> Move:
    before = stable.canary.percent if stable.canary is not None else 0
    at = iso(now())
    return replace(
        stable,
        action="canary",
        actor=actor,
        reason=reason,
        at=at,
        was=stable.release,
        source=canary.source,
        highest=max(stable.highest, canary.release),
        canary=replace(canary, was=before, since=at, begun=canary.begun or at),
        ended=None,
    )


def _whole(canary: Canary) -> Move:
    """The canary as the move that makes it live on all."""
    return Move(
        release=canary.release,
        sha256=canary.sha256,
        size_bytes=canary.size_bytes,
        commit=canary.commit,
        content_sha256=canary.content_sha256,
        action="promote",
        actor="",
        reason="",
        at="",
        evidence_sha256=canary.evidence_sha256,
    )
