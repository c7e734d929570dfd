"""Open repetitions of a pattern, closed, so that its longest match is known and a stream can be guarded.

A bound is far above what a key has: 200 signs where one would do, up to 4,000 where at least 50 are asked for.
Where a pattern would become too large with such bounds, smaller ones are tried.
It must never touch a pattern that has its bounds already.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from registry.importing.gitleaks.grammar import Choice, Line, Part, Sign, Times, taken_apart
from serve.core.guard.checks.port import Unusable, regex

_SPACES = 20
_PIECES = 4  # RE2 repeats 1,000 times at most; a key of 4,096 bits has more than 3,000 signs
_LARGEST = (
    12_000  # instructions of RE2's program, so that a state of its automaton stays small beside its 8 MB
)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How often at most: what may be missing, and what must be there."""

    some: int
    most: int


_TRIED = (_Bounds(200, 1000), _Bounds(200, 400), _Bounds(100, 250), _Bounds(60, 150), _Bounds(40, 100))
_BLANK = frozenset(" \t\n\r\f\v")


def bounded(pattern: str) -> str:
    """The pattern with every ``+``, ``*`` and ``{n,}`` closed; itself where RE2 will not have it so."""
    found = sorted(_open(taken_apart(pattern)), key=lambda times: -times.at)
    for bounds in _TRIED if found else ():
        closed = pattern
        for times in found:
            closed = closed[: times.at] + _closed(closed, times, bounds) + closed[times.end :]
        if _size(closed) <= _LARGEST * (_PIECES if _in_pieces(pattern, found) else 1):
            return closed
    return pattern


def _size(pattern: str) -> float:
    try:
        size: int = regex(pattern).programsize
    except Unusable:
        return math.inf
    return size


def _in_pieces(pattern: str, found: list[Times]) -> bool:
    return any(_is_block(pattern, times) for times in found)


def _is_block(pattern: str, times: Times) -> bool:
    """A whole block up to its end mark, such as the body of a private key: lazy, so its state stays small."""
    lazy = pattern[times.at : times.end].endswith("?") and times.end - times.at > 1
    return lazy and times.least >= 50 and isinstance(times.part, Sign)


def _closed(pattern: str, times: Times, bounds: _Bounds) -> str:
    lazy = "?" if pattern[times.at : times.end].endswith("?") and times.end - times.at > 1 else ""
    if isinstance(times.part, Sign) and set(times.part.pool) <= _BLANK:
        return f"{{{times.least},{max(times.least, _SPACES)}}}{lazy}"
    if times.least < 8:
        return f"{{{times.least},{bounds.some}}}{lazy}"
    most = max(times.least, bounds.most)
    more = f"{pattern[times.start : times.at]}{{0,{most}}}{lazy}"
    return f"{{{times.least},{most}}}{lazy}" + more * ((_PIECES - 1) if _is_block(pattern, times) else 0)


def _open(part: Part) -> Iterator[Times]:
    if isinstance(part, Times):
        if part.most is None:
            yield part
        yield from _open(part.part)
    elif isinstance(part, Line | Choice):
        for inner in part.parts:
            yield from _open(inner)
