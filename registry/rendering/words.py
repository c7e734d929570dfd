"""Two texts word by word: what was taken out, what was put in, with a line around it.

For showing alone: whether an entry changed is decided by digest.
It must never drop a changed word, nor take minutes over a text that repeats itself.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_WORD = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
_MOST_PAIRS = 200_000  # of equal words: two thousand words of prose, a third of them changed


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
    before, after = _WORD.findall(old), _WORD.findall(new)
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    if start:
        yield Piece("both", "".join(before[:start]))
    yield from _matched(before[start : len(before) - end], after[start : len(after) - end])
    if end:
        yield Piece("both", "".join(before[len(before) - end :]))


def _shared(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words two texts begin with alike: most of them, as a rule."""
    return next(
        (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )


def _matched(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    if equal_pairs(before, after) > _MOST_PAIRS:  # whole lines then, or all of it
        before, after = ("".join(words).splitlines(keepends=True) for words in (before, after))
        if equal_pairs(before, after) > _MOST_PAIRS:
            before, after = ["".join(before)], ["".join(after)]
    matcher = difflib.SequenceMatcher(_is_blank, before, after, autojunk=False)
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("both", "".join(before[from_old:to_old]))
            continue
        if to_old > from_old:
            yield Piece("old", "".join(before[from_old:to_old]))
        if to_new > from_new:
            yield Piece("new", "".join(after[from_new:to_new]))


def _is_blank(word: str) -> bool:
    return word.isspace() and word != "\n"


def equal_pairs(before: Iterable[str], after: Iterable[str]) -> int:
    """How many words of one text are equal to words of the other, each pair counted; blanks are passed over.

    The time that matching takes grows with it, in the worst case with its product with the length.
    """
    counts = Counter(after)
    pairs = Counter(before).items()
    return sum(count * counts[word] for word, count in pairs if not _is_blank(word))


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
