"""Two answers side by side, word by word: what only one of them says is marked.

Finding the words that two texts share can take time with the cube of their length where a text repeats itself, as
hostile ones do, so the work is counted before it is begun.
It must never leave a word out: where the work would be too much, both texts are marked whole.
"""

from __future__ import annotations

import difflib
import re

from registry.rendering.words import Piece, equal_pairs

_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_MOST_PAIRS = 20_000  # of equal words in one pair of texts: a page of prose has a quarter of that
_MOST_PAIRS_OF_PAGE = 400_000

Pieces = list[Piece]


class Comparer:
    """Compares texts for one page; what it may do in all is bounded."""

    def __init__(self) -> None:
        self._left = _MOST_PAIRS_OF_PAGE

    def sides(self, old: str, new: str) -> tuple[Pieces, Pieces]:
        """The pieces of the old text and of the new one."""
        if old == new:
            return [Piece("both", old)], [Piece("both", new)]
        before, after = _WORD.findall(old), _WORD.findall(new)
        pairs = equal_pairs(before, after)
        if pairs > min(_MOST_PAIRS, self._left):
            return [Piece("old", old)], [Piece("new", new)]
        self._left -= pairs
        return _matched(before, after)


def _matched(before: list[str], after: list[str]) -> tuple[Pieces, Pieces]:
    old: Pieces = []
    new: Pieces = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        one, other = "".join(before[from_old:to_old]), "".join(after[from_new:to_new])
        if one:
            old.append(Piece("both" if tag == "equal" else "old", one))
        if other:
            new.append(Piece("both" if tag == "equal" else "new", other))
    return old, new
