"""Release numbers, given out once over all channels of a store.

A number is claimed for its channel by a key that is created once. Two claims of one channel are one, since the
channel's timestamp settles which of its publishers gets the number: a crashed publisher leaves no gap.
It must never give one number to two channels, nor let one channel's broken metadata stop another's publish.
"""

from __future__ import annotations

from contextlib import suppress

from registry.publish import metadata
from registry.publish.target import Conflict, Target, is_channel, metadata_key
from serve.core.errors import SignatureRefused

CLAIMS = "numbers/"


def next_number(target: Target, channel: str, held: int) -> int:
    """The number that ``claim`` would give now, without claiming it."""
    above = _highest_of_others(target, channel, held)
    claimed = max(_claims(target), default=0)
    if claimed <= above:
        return above + 1
    stored = target.read(f"{CLAIMS}{claimed}")
    return claimed if stored is not None and stored.data == channel.encode() else claimed + 1


def claim(target: Target, channel: str, held: int) -> int:
    """A number for the next release of a channel that held releases up to ``held``; no other channel gets it."""
    number = next_number(target, channel, held)
    while True:
        try:
            target.put_once(f"{CLAIMS}{number}", channel.encode())
        except Conflict:
            number += 1
        else:
            return number


def _highest_of_others(target: Target, channel: str, held: int) -> int:
    """Other channels are counted by what they say: their keys are not needed to publish to this one."""
    highest = [held]
    for folder in target.list("channels/"):
        name = folder.split("/")[1]
        if folder.endswith("/") and name != channel and is_channel(name):
            with suppress(SignatureRefused):  # its claims still count
                highest.append(_said_highest(target, name))
    return max(highest)


def _said_highest(target: Target, channel: str) -> int:
    stored = target.read(metadata_key(channel, "timestamp"))
    for role in ("snapshot", "targets"):
        if stored is None:
            return 0
        stored = target.read(metadata_key(channel, role, metadata.claimed_pin(stored.data)))
    return metadata.claimed_highest(stored.data) if stored else 0


def _claims(target: Target) -> list[int]:
    names = (key.removeprefix(CLAIMS) for key in target.list(CLAIMS))
    return [int(name) for name in names if name.isascii() and name.isdigit()]
