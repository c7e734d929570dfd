"""One copy of a text for all rules to match on, with the way back to the caller's own code points.

Zero-width, bidirectional and tag characters are dropped and the rest is NFKC, so that a card number in
full-width digits or with joiners between them is still a card number.
It must never change what is shown: only spans leave this file, and they are spans of the original.

Source: Unicode Standard Annex 15 (normalisation forms, stream-safe segments).
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import re2

_FILLERS = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"
ZERO_WIDTH = _FILLERS + "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TAGS = "".join(map(chr, range(0xE0000, 0xE0080)))
VARIATION = "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
INVISIBLE = frozenset(ZERO_WIDTH + BIDI + TAGS + VARIATION)

_ASCII = frozenset(map(chr, range(128)))
_BLANKS = ("\\n", "\\r", "\\t")
_FEW = 8  # replacements up to which one pass for each is the quickest way
_LONGEST_SEGMENT = 64  # sorting marks is quadratic in a segment; writing needs fewer than 30 (UAX 15)

_ANY_INVISIBLE = re2.compile("[" + "".join(sorted(INVISIBLE)) + "]")
_NUMBERS = re2.compile(r"\d(?:[ -/:-@_\x{2010}-\x{2015}]{0,3}\d){4,}")
# Starters (combining class 0) that still join the character before them: NFC_Quick_Check=Maybe.
_JOINS_BACKWARDS = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35"
    "\U00011127\U0001133e\U00011357\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
    + "".join(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
)


Edit = tuple[int, int, str]  # a span of the original, and what stands for it in the copy


class Origin:
    """The way back from the copy to the original: where the two differ, and how."""

    def __init__(self, edits: Sequence[Edit], size: int) -> None:
        """``edits`` by place; ``size`` is that of the original."""
        self._starts = [start for start, _, _ in edits]
        self._ends = [end for _, end, _ in edits]
        self._places: list[int] = []  # where in the copy each edit stands
        self._stops: list[int] = []
        grown = 0
        for start, end, text in edits:
            self._places.append(start + grown)
            grown += len(text) - (end - start)
            self._stops.append(end + grown)
        self._size, self._copied = size, size + grown

    def start(self, index: int) -> int:
        """Where the code point of the copy begins in the original."""
        at = bisect_right(self._places, index) - 1
        if at < 0:
            return index
        stop = self._stops[at]
        return self._starts[at] if index < stop else self._ends[at] + index - stop

    def end(self, index: int) -> int:
        """Where the code point of the copy ends in the original."""
        at = bisect_right(self._places, index) - 1
        if at < 0:
            return index + 1
        stop = self._stops[at]
        return self._ends[at] if index < stop else self._ends[at] + index - stop + 1

    def index(self, place: int) -> int:
        """The first index of the copy that begins at the original ``place`` or later."""
        at = bisect_left(self._starts, place) - 1
        if at < 0:
            return min(place, self._copied)
        return min(self._stops[at] + max(0, place - self._ends[at]), self._copied)

    def start_before(self, place: int) -> int:
        """The last place, at or before ``place``, at which a code point of the copy begins; else 0."""
        index = self.index(place)
        if index < self._copied and self.start(index) == place:
            return place
        return self.start(index - 1) if index > 0 else 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and its matching copy.

    ``differs`` tells whether the copy's places are not simply those of the original. ``stable`` is the length of
    that part of the copy which no further text can change any more; ``offset`` counts the code points that came
    before the original, when it is a part of a stream.
    """

    original: str
    text: str
    stable: int
    offset: int = 0
    differs: bool = False
    _seen: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def unescaped(self) -> str:
        r"""The copy with two blanks for a line break or a tab that JSON or a program has as ``\n``; as long as the copy.

        So ``"pay\n4111 ..."`` holds a number that stands alone. A path such as ``C:\new`` loses a letter to that.
        """
        if "\\" not in self.text:
            return self.text
        if "unescaped" not in self._seen:
            found = self.text
            for escape in _BLANKS:
                found = found.replace(escape, "  ")
            self._seen["unescaped"] = found
        unescaped: str = self._seen["unescaped"]
        return unescaped

    @property
    def lowered(self) -> str:
        """That in small letters, made once for all rules; a few letters grow, so places may differ."""
        if "lowered" not in self._seen:
            self._seen["lowered"] = self.unescaped.lower()
        lowered: str = self._seen["lowered"]
        return lowered

    @property
    def encoded(self) -> bytes:
        """:attr:`unescaped` as UTF-8, made once for all rules."""
        if "encoded" not in self._seen:
            self._seen["encoded"] = self.unescaped.encode("utf-8", "replace")
        encoded: bytes = self._seen["encoded"]
        return encoded

    @property
    def most_digits(self) -> int:
        """How many digits the longest number of the copy has, groups and brackets within it allowed."""
        if "digits" not in self._seen:
            numbers = _NUMBERS.findall(self.unescaped)
            self._seen["digits"] = max((sum(map(str.isdecimal, number)) for number in numbers), default=0)
        digits: int = self._seen["digits"]
        return digits

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a non-empty span of the copy."""
        if not self.differs:
            return start, end
        return self._origin.start(start), self._origin.end(end - 1)

    def index(self, place: int) -> int:
        """The first index of the copy that comes from the original ``place`` or later."""
        return self._origin.index(place) if self.differs and place else place

    def settled(self, ahead: int) -> int:
        """The original place that lies ``ahead`` code points of the copy before its unstable end."""
        index = max(0, self.stable - ahead)
        if not self.differs:
            return index
        return self._origin.start(index) if index < len(self.text) else 0

    def context(self, place: int, before: int) -> int:
        """An original place at least ``before`` code points, of copy and original, ahead of ``place``."""
        if not self.differs:
            return max(0, place - before)
        index = max(0, self.index(place) - before)
        target = place - before
        if index < len(self.text):
            target = min(self._origin.start(index), target)
        return self._origin.start_before(target) if target >= 0 else 0

    @property
    def _origin(self) -> Origin:
        if "origin" not in self._seen:  # most texts are read and never asked for a place
            if "edits" not in self._seen:
                text = _encodable(self.original)
                self._seen["edits"] = _edits(text, _signs(text))
            self._seen["origin"] = Origin(self._seen.pop("edits"), len(self.original))
        origin: Origin = self._seen["origin"]
        return origin


def read(original: str, offset: int = 0) -> Reading:
    """The reading of a text; plain ASCII and ordinary normalised text are their own copy."""
    reading = _reading(original, offset)
    if (
        reading.text[reading.stable - 1 : reading.stable] == "\\"
    ):  # the letter of an escape may yet become another
        return replace(reading, stable=reading.stable - 1)
    return reading


def _reading(original: str, offset: int) -> Reading:
    if original.isascii():
        return Reading(original, original, max(0, len(original) - 1), offset)
    text = _encodable(original)
    if unicodedata.is_normalized("NFKC", text) and _ANY_INVISIBLE.search(text) is None:
        return Reading(original, text, _last_start(text), offset)
    signs = _signs(text)
    if not signs.joining:
        copy = signs.copy_of(text)
        return Reading(original, copy, _stable(text, copy, signs), offset, differs=True)
    edits = _edits(text, signs)
    copy = _edited(text, edits)
    return Reading(original, copy, _stable(text, copy, signs), offset, differs=True, _seen={"edits": edits})


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


class _Signs:
    """The different signs of a text that are no ASCII, by what becomes of them."""

    def __init__(self, signs: Iterable[str]) -> None:
        self.changed: dict[str, str] = {}  # each alone; a hidden sign becomes nothing
        self.joining: set[str] = set()
        for sign in signs:
            if sign in INVISIBLE:
                self.changed[sign] = ""
            elif not _starts_segment(sign):
                self.joining.add(sign)
            elif (alone := unicodedata.normalize("NFKC", sign)) != sign:
                self.changed[sign] = alone

    def copy_of(self, text: str) -> str:
        """The copy of a text whose signs do not join."""
        if len(self.changed) > _FEW:
            return text.translate({ord(sign): alone for sign, alone in self.changed.items()})
        for sign, alone in self.changed.items():
            text = text.replace(sign, alone)
        return text


def _signs(text: str) -> _Signs:
    return _Signs(set(text) - _ASCII)


def _edits(text: str, signs: _Signs) -> list[Edit]:
    """Where the copy differs, by place: first where signs join, then every other sign that changes."""
    alone, joining = _alone(text, signs.changed), signs.joining
    if not joining:
        return alone
    edits: list[Edit] = []
    done = 0  # in alone
    known: dict[str, str] = {}
    stop = 0
    for place in [place for place, sign in enumerate(text) if sign in joining]:
        if place < stop:
            continue
        start, stop = _segment(text, place, stop, joining)
        while done < len(alone) and alone[done][0] < start:
            edits.append(alone[done])
            done += 1
        first = done
        while done < len(alone) and alone[done][0] < stop:
            done += 1
        raw = "".join(sign for sign in text[start:stop] if sign not in INVISIBLE)
        if raw not in known:
            known[raw] = unicodedata.normalize("NFKC", raw) if len(raw) <= _LONGEST_SEGMENT else raw
        if known[raw] != raw:
            edits.append((start, stop, known[raw]))
        else:
            edits += (edit for edit in alone[first:done] if not edit[2])
    return edits + alone[done:]


def _alone(text: str, changed: Mapping[str, str]) -> list[Edit]:
    if len(changed) > _FEW:
        return [(place, place + 1, changed[sign]) for place, sign in enumerate(text) if sign in changed]
    edits: list[Edit] = []
    for sign, new in changed.items():
        place = text.find(sign)
        while place >= 0:
            edits.append((place, place + 1, new))
            place = text.find(sign, place + 1)
    return edits if len(changed) == 1 else sorted(edits)


def _segment(text: str, place: int, least: int, joining: set[str]) -> tuple[int, int]:
    """The sign before the one at ``place`` that joins it, all that join after it, and what is hidden between."""
    start = place - 1
    while start >= least and text[start] in INVISIBLE:
        start -= 1
    if start < least:
        start = place
    stop = place + 1
    for after in range(stop, len(text)):
        if text[after] in joining:
            stop = after + 1
        elif text[after] not in INVISIBLE:
            break
    return start, stop


def _edited(text: str, edits: Iterable[Edit]) -> str:
    pieces: list[str] = []
    place = 0
    for start, end, new in edits:
        pieces += (text[place:start], new)
        place = end
    pieces.append(text[place:])
    return "".join(pieces)


def _stable(text: str, copy: str, signs: _Signs) -> int:
    """Where in the copy its last segment begins."""
    last = len(text) - 1
    while last >= 0 and text[last] in INVISIBLE:
        last -= 1
    if last < 0:
        return 0
    if text[last] not in signs.joining:
        return len(copy) - len(signs.changed.get(text[last], text[last]))
    start = last
    while start > 0 and (text[start] in signs.joining or text[start] in INVISIBLE):
        start -= 1
    tail = _edited(text[start:], _edits(text[start:], signs))
    return len(copy) - len(tail)


@lru_cache(maxsize=4096)
def _starts_segment(character: str) -> bool:
    """True when normalisation never joins the character with what stands before it."""
    if character.isascii():
        return True
    first = unicodedata.normalize("NFKC", character)[:1]
    return bool(first) and unicodedata.combining(first) == 0 and first not in _JOINS_BACKWARDS
