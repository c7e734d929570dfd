"""What a release would change on a channel, told before anything is written.

It must never write, nor decide whether the change is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from registry.errors import Refused
from registry.publish.channels import read_bundle
from registry.publish.moves import Move
from registry.publish.state import read_state
from registry.publish.target import Target
from registry.rendering.changes import Change, compare
from registry.settings import Channel
from serve.core.model import Bundle, Manifest


@dataclass(frozen=True, slots=True)
class Plan:
    """A release against what is live; ``changes`` is everything in it where nothing readable is live.

    ``damaged``: the store lost the bytes of the live bundle, so that only another release mends it.
    ``percent``: of the instances that it would go to; None for all, 0 for a rollout that would end.
    """

    channel: str
    live: Move | None
    manifest: Manifest
    changes: tuple[Change, ...]
    damaged: bool = False
    percent: int | None = None

    @property
    def idle(self) -> bool:
        """True when this very commit and content are where they would go already, and whole."""
        if self.live is None or self.damaged:
            return False
        canary = self.live.canary
        wanted = (self.manifest.commit, self.manifest.content_sha256)
        if self.percent and canary is not None:
            return (canary.commit, canary.content_sha256, canary.percent) == (*wanted, self.percent)
        return (self.live.commit, self.live.content_sha256) == wanted and (
            self.percent != 0 or canary is None
        )


def plan(target: Target, channel: Channel, bundle: Bundle, root: Path = Path()) -> Plan:
    """What would appear, change and disappear if a bundle went live on a channel.

    Raises:
        Usage, SignatureRefused, StoreUnavailable: as their codes say.
    """
    live = read_state(target, channel, root).move
    nothing = Bundle(bundle.manifest, {}, {})
    try:
        before, damaged = read_bundle(target, live) if live else nothing, False
    except Refused:  # a damaged bundle must not keep its own repair from being published
        before, damaged = nothing, True
    return Plan(channel.name, live, bundle.manifest, compare(before, bundle), damaged)
