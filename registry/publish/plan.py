"""What a release would change on a channel, told before anything is written.

It must never write, nor decide whether the change is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from registry.publish.channels import read_bundle
from registry.publish.moves import Move
from registry.publish.state import read_state
from registry.publish.target import Target
from registry.rendering.changes import Change, compare
from registry.settings import Channel
from serve.core.model import Bundle, Manifest


@dataclass(frozen=True, slots=True)
class Plan:
    """A release against what is live; ``changes`` is everything in it where nothing is live yet."""

    channel: str
    live: Move | None
    manifest: Manifest
    changes: tuple[Change, ...]

    @property
    def idle(self) -> bool:
        """True when this very commit and content are live already."""
        live = self.live
        return live is not None and (live.commit, live.content_sha256) == (
            self.manifest.commit,
            self.manifest.content_sha256,
        )


def plan(target: Target, channel: Channel, bundle: Bundle, root: Path = Path()) -> Plan:
    """What would appear, change and disappear if a bundle went live on a channel.

    Raises:
        Usage, SignatureRefused, BundleRefused, StoreUnavailable: as their codes say.
    """
    live = read_state(target, channel, root).move
    before = read_bundle(target, live) if live else Bundle(bundle.manifest, {}, {})
    return Plan(channel.name, live, bundle.manifest, compare(before, bundle))
