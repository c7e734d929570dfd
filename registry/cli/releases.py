"""What the store knows of releases, for commands that look back: which commit each was cut from, and its content.

Every move is verified by its signature and every bundle by its digest, as in ``promptyard history``.
It must never stand in the way of looking at Git: without a store there are no releases, and that is all.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.cli.context import Context
from registry.errors import PromptyardError, Usage
from registry.publish.channels import read_bundle
from registry.publish.moves import Move
from registry.publish.state import moves, read_state
from serve.core.model import Bundle


@dataclass(frozen=True, slots=True)
class Release:
    """A release as the channels knew it: its first move, and every channel where it was ever live."""

    move: Move
    channels: tuple[str, ...]

    @property
    def number(self) -> int:
        """Its number, the same on every channel."""
        return self.move.release


def releases(context: Context) -> dict[int, Release]:
    """The releases of every channel, by number in rising order.

    Raises:
        SignatureRefused, StoreUnavailable, Usage: as their codes say.
    """
    found: dict[int, Release] = {}
    for name in context.settings.channels:
        for move in reversed(_moves(context, name)):
            known = found.get(move.release)
            channels = dict.fromkeys((*(known.channels if known else ()), name))
            first = known.move if known and known.move.at <= move.at else move
            found[move.release] = Release(first, tuple(channels))
    return dict(sorted(found.items()))


def releases_or_none(context: Context) -> dict[int, Release]:
    """As ``releases``; none, with a word on standard error, where the store cannot be read."""
    try:
        return releases(context)
    except PromptyardError as error:
        told = f"releases are left out: {error.code} {error.what}"
        context.errors.print(told, style="warning", soft_wrap=True)
        return {}


def live_move(context: Context, channel: str) -> Move:
    """What is live on a channel; raises Usage (PUB007) where nothing is."""
    where = context.channel(channel)
    move = read_state(context.target(), where, context.root).move
    if move is None:
        raise Usage("PUB007", f"channel {channel} has no release", "Publish to it first.")
    return move


def release_bundle(context: Context, number: int) -> tuple[Bundle, Release]:
    """A release's content, verified; raises Usage (REL002) for a number that no channel ever held."""
    found = releases(context)
    if number not in found:
        known = ", ".join(map(str, list(found)[-5:])) or "none yet"
        what = f"no channel of the store ever held release {number}"
        raise Usage("REL002", what, f"The latest are: {known}. promptyard history shows all.")
    return read_bundle(context.target(), found[number].move), found[number]


def carriers(context: Context, known: dict[int, Release]) -> dict[str, int]:
    """The first release that carried each commit, by the commit's id."""
    numbers = list(known)
    places = context.repository().first_carriers([known[number].move.commit for number in numbers])
    return {commit: numbers[place] for commit, place in places.items()}


def _moves(context: Context, name: str) -> tuple[Move, ...]:
    channel = context.channel(name)
    if not (context.root / channel.root).is_file():
        return ()  # never begun: promptyard init makes the root
    target = context.target()
    return tuple(moves(target, read_state(target, channel, context.root)))
