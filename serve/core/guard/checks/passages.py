"""A text in passages, so that a sentence is looked at by itself and does not drown among others.

It must never leave out a character that is not white space, nor take more than linear time.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

_ENDS = re2.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？]+|\n+")
_BLANKS = re2.compile(r"\s")
_SHORT = 20


def passages(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Spans of sentences, short ones together with the next; what is longer than ``size`` is cut at a blank."""
    low = 0
    for start, end in _sentences(text):
        if end - low > size and start > low:
            yield from _cut(text, low, start, size)
            low = start
        if end - low >= _SHORT:
            yield from _cut(text, low, end, size)
            low = end
    yield from _cut(text, low, len(text), size)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _ENDS.finditer(text):
        yield start, match.end()
        start = match.end()
    yield start, len(text)


def _cut(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    while end - start > size:
        blanks = [match.end() for match in _BLANKS.finditer(text[start : start + size])]
        cut = start + (blanks[-1] if blanks else size)
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _trimmed(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    piece = text[low:high]
    kept = piece.strip()
    if kept:
        begin = low + len(piece) - len(piece.lstrip())
        yield begin, begin + len(kept)
