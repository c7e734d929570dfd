"""What may not follow what is live, whoever asks: an older commit, a second rollout, a channel after itself.

It must never look at a store: it is told what is live.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.errors import PublishConflict, Usage
from registry.publish.moves import Move
from registry.settings import Channel

Descends = Callable[[str, str], bool]  # (old commit, new) → the new one is the old one or comes after it


def require_two(source: Channel, dest: Channel) -> None:
    """Lets pass two channels; raises Usage (PUB015) when a channel is to be promoted to itself."""
    if source.name == dest.name:
        what = f"channel {source.name} cannot be promoted to itself"
        raise Usage("PUB015", what, "Name the channel that the release is to go to.")


def require_seen(live: Move, seen: int | None, source: Channel) -> None:
    """Lets pass the release that was looked at; raises PublishConflict (PUB029) where the source holds another by now."""
    if seen is not None and live.release != seen:
        what = f"channel {source.name} holds release {live.release} by now, and release {seen} was looked at"
        raise PublishConflict("PUB029", what, "Look again: somebody published meanwhile.")


def require_no_rollout(live: Move | None, channel: Channel, *, but: str | None = None) -> None:
    """Lets pass a channel without a rollout, or with that of the bundle ``but``; raises PublishConflict (PUB021)."""
    canary = live.canary if live is not None else None
    if canary is not None and canary.sha256 != but:
        raise PublishConflict(
            "PUB021",
            f"release {canary.release} is on its way on {channel.name}, at {canary.percent} %",
            f"See it through with promptyard rollout, or end it: promptyard rollback {channel.name}.",
        )


def require_descent(live: Move | None, commit_id: str, descends: Descends, channel: Channel) -> None:
    """Lets pass a commit that comes after the live one; raises PublishConflict (PUB006) otherwise."""
    if live is not None and not descends(live.commit, commit_id):
        raise PublishConflict(
            "PUB006",
            f"commit {commit_id[:12]} does not descend from {live.commit[:12]}, live on {channel.name}",
            "Merge first, or use promptyard rollback to go back on purpose.",
        )
