"""A run cut into parts that several machines ask, so that none of them needs to know of the others.

The part of a case follows from the digest of its suite and its group alone: cases that stand or fall together stay
together, and a case that is added moves no other.
It must never depend on the order of cases, nor on how many there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry.errors import Usage
from serve.core.digest import sha256

_FORM = re.compile(r"([1-9][0-9]{0,4})/([1-9][0-9]{0,4})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``index``, from 1, of ``of``."""

    index: int
    of: int

    def holds(self, suite: str, group: str) -> bool:
        """True when the cases of a group are asked by this part."""
        place = int(sha256(f"{suite}\0{group}".encode())[:16], 16)
        return place % self.of == self.index - 1

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"


def shard_of(text: str) -> Shard:
    """The part that ``2/8`` names; raises Usage (SHD001)."""
    found = _FORM.fullmatch(text)
    if found is None or int(found[1]) > int(found[2]):
        raise Usage("SHD001", f"{text!r} is no part of a run", "Write --shard 1/4 up to --shard 4/4.")
    return Shard(int(found[1]), int(found[2]))
