"""Texts that a pattern matches, made up of letters and digits that repeat as little as they can.

It must never take a text from anywhere: what it makes was nobody's secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from registry.importing.gitleaks.grammar import Choice, Line, Part, Sign, taken_apart

_TRIES = 60
_LONG_ENOUGH = 24


def samples(pattern: str, seed: str) -> Iterator[str]:
    """Texts of which each is likely to be matched, the same ones for one seed; shorter choices first."""
    part = taken_apart(pattern)
    for number in range(_TRIES):
        yield _Writer(Random(f"{seed} {number}"), number).text(part)  # noqa: S311  samples, not secrets


class _Writer:
    def __init__(self, random: Random, number: int) -> None:
        self.random = random
        self.number = number
        self.packs: dict[str, list[str]] = {}

    def text(self, part: Part) -> str:
        if isinstance(part, Sign):
            return self.sign(part.pool)
        if isinstance(part, Line):
            return "".join(map(self.text, part.parts))
        if isinstance(part, Choice):
            chosen = part.parts[0] if self.number == 0 else self.random.choice(part.parts)
            return self.text(chosen)
        return "".join(self.text(part.part) for _ in range(self.times(part.part, part.least, part.most)))

    def times(self, part: Part, least: int, most: int | None) -> int:
        if most is not None and most == least:
            return least
        if least == 0 and self.number % 3 < 2:
            return 0
        wanted = max(least, _LONG_ENOUGH if isinstance(part, Sign) and least >= 3 else least or 1)
        return wanted if most is None else min(wanted, most)

    def sign(self, pool: str) -> str:
        """The next of a shuffled pack, so that nothing repeats before it must; a full stop for a full stop."""
        if pool[0] == "." and self.number % 2 == 0:
            return "."
        plain = "".join(dict.fromkeys(sign for sign in pool if sign.isalnum() and sign.isascii())) or pool
        pack = self.packs.setdefault(plain, [])
        if not pack:
            pack.extend(self.random.sample(plain, len(plain)))
        return pack.pop()
