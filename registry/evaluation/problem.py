"""What is wrong with a piece of a suite, before anyone knows on which line it stands.

Readers of single expectations work on plain values; the suite's reader turns their problems into diagnostics.
It must never carry more than the steps to the value, why, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from serve.core.model import Json

_ELSEWHERE = {
    "assert": "expect",
    "asserts": "expect",
    "tests": "cases",
    "vars": "inputs",
}  # promptfoo's words
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a value: code, the steps that lead to it, one sentence why, one what to do."""

    code: str
    steps: Steps
    message: str
    hint: str

    def below(self, *steps: str | int) -> Problem:
        """The same problem, seen from further out."""
        return replace(self, steps=(*steps, *self.steps))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """One sentence: the nearest known word, or all of them when none is near."""
    names = sorted(known)
    translated = _ELSEWHERE.get(word)
    near = [translated] if translated in names else difflib.get_close_matches(word, names, 1, 0.6)
    return f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(names) or 'none'}."


def unknown_keys(data: Mapping[str, Json], known: Iterable[str], whose: str) -> list[Problem]:
    """A problem (SUI011) for each key that nobody reads."""
    names = frozenset(known)
    return [
        Problem("SUI011", (key,), f"{key} is no key of {whose}.", did_you_mean(key, names))
        for key in data
        if key not in names
    ]
