"""One copy of a text for all rules to match on, with the way back to the caller's own code points.

Zero-width, bidirectional and tag characters are dropped and the rest is NFKC, so that a card number in
full-width digits or with joiners between them is still a card number.
It must never change what is shown: only spans leave this file, and they are spans of the original.

Source: Unicode Standard Annex 15 (normalisation forms, stream-safe segments).
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

_FILLERS = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"
ZERO_WIDTH = _FILLERS + "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TAGS = "".join(map(chr, range(0xE0000, 0xE0080)))
VARIATION = "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
INVISIBLE = frozenset(ZERO_WIDTH + BIDI + TAGS + VARIATION)

_LONGEST_SEGMENT = 64  # sorting marks is quadratic in a segment; writing needs fewer than 30 (UAX 15)

_ANY_INVISIBLE = re2.compile("[" + "".join(sorted(INVISIBLE)) + "]")
_NUMBERS = re2.compile(r"\d(?:[ -/:-@_\x{2010}-\x{2015}]{0,3}\d){4,}")
_FOREIGN = re2.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")
# Starters (combining class 0) that still join the character before them: NFC_Quick_Check=Maybe.
_JOINS_BACKWARDS = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35"
    "\U00011127\U0001133e\U00011357\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
    + "".join(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and its matching copy.

    ``starts[i]`` and ``ends[i]`` are the original span of the copy's code point ``i``; None means one to one.
    ``stable`` is the length of that part of the copy which no further text can change any more;
    ``offset`` counts the code points that came before the original, when it is a part of a stream.
    """

    original: str
    text: str
    stable: int
    offset: int = 0
    starts: list[int] | None = None
    ends: list[int] | None = None
    _seen: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def lowered(self) -> str:
        """The copy in small letters, made once for all rules; a few letters grow, so places may differ."""
        if "lowered" not in self._seen:
            self._seen["lowered"] = self.text.lower()
        lowered: str = self._seen["lowered"]
        return lowered

    @property
    def most_digits(self) -> int:
        """How many digits the longest number of the copy has, groups and brackets within it allowed."""
        if "digits" not in self._seen:
            numbers = _NUMBERS.findall(self.text)
            self._seen["digits"] = max((sum(map(str.isdecimal, number)) for number in numbers), default=0)
        digits: int = self._seen["digits"]
        return digits

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a non-empty span of the copy."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def index(self, place: int) -> int:
        """The first index of the copy that comes from the original ``place`` or later."""
        return place if self.starts is None else bisect_left(self.starts, place)

    def settled(self, ahead: int) -> int:
        """The original place that lies ``ahead`` code points of the copy before its unstable end."""
        index = max(0, self.stable - ahead)
        if self.starts is None:
            return index
        return self.starts[index] if index < len(self.starts) else 0

    def context(self, place: int, before: int) -> int:
        """An original place at least ``before`` code points, of copy and original, ahead of ``place``."""
        if self.starts is None:
            return max(0, place - before)
        index = max(0, self.index(place) - before)
        target = min(self.starts[index], place - before) if index < len(self.starts) else place - before
        at = bisect_right(self.starts, target) - 1
        return self.starts[at] if at >= 0 else 0


def read(original: str, offset: int = 0) -> Reading:
    """The reading of a text; plain ASCII and ordinary normalised text are their own copy."""
    if original.isascii():
        return Reading(original, original, max(0, len(original) - 1), offset)
    text = _encodable(original)
    if unicodedata.is_normalized("NFKC", text) and _ANY_INVISIBLE.search(text) is None:
        return Reading(original, text, _last_start(text), offset)
    return _mapped(original, text, offset)


def _encodable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot hold, as replacement characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def _last_start(text: str) -> int:
    index = len(text) - 1
    while index > 0 and not _starts_segment(text[index]):
        index -= 1
    return max(0, index)


def _mapped(original: str, text: str, offset: int) -> Reading:
    copy = _Copy(text)
    place = 0
    for match in _FOREIGN.finditer(text):
        start, end = match.span()
        copy.plain(place, start)
        copy.foreign(start, end)
        place = end
    copy.plain(place, len(text))
    return Reading(original, "".join(copy.pieces), copy.last, offset, copy.starts, copy.ends)


class _Copy:
    """The copy while it grows, segment by segment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.last = 0  # where the last segment begins

    def plain(self, start: int, end: int) -> None:
        if start == end:
            return
        self.last = len(self.starts) + end - start - 1
        self.pieces.append(self.text[start:end])
        self.starts.extend(range(start, end))
        self.ends.extend(range(start + 1, end + 1))

    def foreign(self, start: int, end: int) -> None:
        segment: list[int] = []
        for place in range(start, end):
            character = self.text[place]
            if character in INVISIBLE:
                continue
            if segment and _starts_segment(character):
                self._close(segment)
                segment = []
            segment.append(place)
        if segment:
            self._close(segment)

    def _close(self, segment: list[int]) -> None:
        raw = "".join(self.text[place] for place in segment)
        text = unicodedata.normalize("NFKC", raw) if len(raw) <= _LONGEST_SEGMENT else raw
        self.last = len(self.starts)
        self.pieces.append(text)
        if text == raw:
            self.starts.extend(segment)
            self.ends.extend(place + 1 for place in segment)
        else:
            self.starts.extend([segment[0]] * len(text))
            self.ends.extend([segment[-1] + 1] * len(text))


@lru_cache(maxsize=4096)
def _starts_segment(character: str) -> bool:
    """True when normalisation never joins the character with what stands before it."""
    if character.isascii():
        return True
    first = unicodedata.normalize("NFKC", character)[:1]
    return bool(first) and unicodedata.combining(first) == 0 and first not in _JOINS_BACKWARDS
