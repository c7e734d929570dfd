"""Two texts word by word: what was taken out, what was put in, with a line around it.

For showing alone: whether an entry changed is decided by digest.
It must never drop a changed word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_WORD = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")

_LONG = 5_000  # words; beyond, words that are everywhere are no longer matched, which would take minutes


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both sides have, only the old one or only the new one."""

    side: Literal["both", "old", "new"]
    text: str


Line = tuple[Piece, ...]


def word_difference(old: str, new: str, *, around: int = 1) -> tuple[Line | None, ...]:
    """The lines that differ, with ``around`` equal ones about them; None stands for lines left out.

    Words are compared by the longest matching blocks (Ratcliff and Obershelp, as difflib has it).
    """
    lines = list(_lines(_pieces(old, new)))
    changed = [index for index, line in enumerate(lines) if any(piece.side != "both" for piece in line)]
    shown = {near for index in changed for near in range(index - around, index + around + 1)}
    out: list[Line | None] = []
    for index, line in enumerate(lines):
        if index in shown:
            out.append(line)
        elif not out or out[-1] is not None:
            out.append(None)
    return tuple(out)


def _pieces(old: str, new: str) -> Iterator[Piece]:
    start, end = _shared_lines(old, new)
    if start:
        yield Piece("both", old[:start])
    before, after = _WORD.findall(old[start : len(old) - end]), _WORD.findall(new[start : len(new) - end])
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > _LONG)
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("both", "".join(before[from_old:to_old]))
            continue
        if to_old > from_old:
            yield Piece("old", "".join(before[from_old:to_old]))
        if to_new > from_new:
            yield Piece("new", "".join(after[from_new:to_new]))
    if end:
        yield Piece("both", old[len(old) - end :])


def _shared_lines(old: str, new: str) -> tuple[int, int]:
    """How many characters of whole equal lines both texts begin and end with: most of them, as a rule."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    most = min(len(before), len(after))
    first = next((at for at in range(most) if before[at] != after[at]), most)
    rest = range(1, most - first + 1)
    last = next((at - 1 for at in rest if before[-at] != after[-at]), most - first)
    return sum(map(len, before[:first])), sum(map(len, before[len(before) - last :]))


def _lines(pieces: Iterator[Piece]) -> Iterator[Line]:
    line: list[Piece] = []
    for piece in pieces:
        for position, text in enumerate(piece.text.split("\n")):
            if position:
                line.append(Piece(piece.side, "\n"))
                yield tuple(line)
                line = []
            if text:
                line.append(Piece(piece.side, text))
    if line:
        yield tuple(line)
