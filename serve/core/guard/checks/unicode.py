"""Rules of kind ``unicode``: characters nobody sees, judged by their neighbours.

A joiner inside an emoji is ordinary writing, and so is a sign in a script that needs it: a joiner in Persian or
Hindi, a mark of direction beside Hebrew, a place to break a line in Thai. Elsewhere they hide things.
It must never break a family emoji, a flag, or a Hindi or Persian word.

Sources: Unicode Technical Standard 51 (emoji sequences), Unicode Technical Report 36 (security).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from serve.core.guard.checks.port import Found, Unusable, regex, shaped
from serve.core.guard.normalise import BIDI, TAGS, ZERO_WIDTH, Reading
from serve.core.model import Json, Streaming

_CLASSES: Mapping[str, str] = {"tags": TAGS, "bidi": BIDI, "zero_width": ZERO_WIDTH}
_JOINERS = "\u200c\u200d"
_ZWJ = "\u200d"
_MARKS = "\u200e\u200f\u061c"  # of direction, for one place; those that turn what follows are never explained
_BREAK, _GRAPHEME_JOINER, _VOWEL_SEPARATOR = "\u200b", "\u034f", "\u180e"
_EXPLICABLE = frozenset(_JOINERS + TAGS + _MARKS + _BREAK + _GRAPHEME_JOINER + _VOWEL_SEPARATOR)
_FLAG = "\U0001f3f4"
_NATIONS = ("gbeng", "gbsct", "gbwls")
_FLAG_TAGS = tuple("".join(chr(0xE0000 + ord(c)) for c in nation) + "\U000e007f" for nation in _NATIONS)
_EMOJI = ((0x2190, 0x2BFF), (0x1F000, 0x1FAFF), (0x3030, 0x303D), (0xFE0F, 0xFE0F))
_JOINING_SCRIPTS = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDFF))
_RIGHT_TO_LEFT = ((0x0590, 0x061B), (0x061D, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC))
_WITHOUT_BLANKS = ((0x0E00, 0x109F), (0x1780, 0x17FF), (0xA9E0, 0xA9FF), (0xAA60, 0xAADF))
_MONGOLIAN = ((0x1800, 0x180D), (0x1810, 0x18AF))
_AROUND = 8  # a flag is one emoji and up to six tags


@dataclass(frozen=True, slots=True)
class UnicodeDetect:
    """``detect`` of a unicode rule: classes that are denied, sequences that are allowed nevertheless.

    ``script_joiners`` allows what a script needs: joiners, marks of direction, places to break a line.
    """

    deny: tuple[Literal["tags", "bidi", "zero_width"], ...]
    allow: tuple[Literal["emoji_zwj", "script_joiners"], ...] = ()


class UnicodeDetector:
    """Finds each denied character of the original text that its neighbours do not explain."""

    before = _AROUND
    streaming = Streaming("window", 1)

    def __init__(self, detect: Mapping[str, Json]) -> None:
        asked = shaped(UnicodeDetect, detect)
        if not asked.deny:
            raise Unusable("detect.deny names no class")
        self._denied = frozenset("".join(_CLASSES[name] for name in asked.deny))
        self._any = regex("[" + "".join(sorted(self._denied)) + "]")
        self._emoji = "emoji_zwj" in asked.allow
        self._scripts = "script_joiners" in asked.allow

    def find(self, reading: Reading, start: int) -> Iterator[Found]:
        """One finding for each character."""
        text, denied = reading.original, self._denied
        if not reading.differs:  # a hidden sign is never in the copy
            return
        searched = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate becomes one "?"
        first = self._any.search(searched, start)
        if first is None:
            return
        low = first.start()
        for place in [place for place, sign in enumerate(text[low:], low) if sign in denied]:
            if text[place] not in _EXPLICABLE or not self._explained(text, place):
                yield Found(place, place + 1, (place, place + 1))

    def settled(self, reading: Reading) -> int:
        """Ahead of the neighbours that may still come."""
        return max(0, len(reading.original) - _AROUND)

    def _explained(self, text: str, place: int) -> bool:
        character = text[place]
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if self._emoji and character == _ZWJ and _within(before, _EMOJI) and _within(after, _EMOJI):
            return True
        if self._emoji and character in TAGS and _in_flag(text, place):
            return True
        return self._scripts and self._is_script(text, place)

    def _is_script(self, text: str, place: int) -> bool:
        """True where the script needs the sign; of two in a row, which could spell something, none is needed."""
        character, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
        if character in _JOINERS:
            return _within(before, _JOINING_SCRIPTS)
        if before in self._denied or after in self._denied:
            return False
        if character in _MARKS:
            around = text[max(0, place - _AROUND) : place + _AROUND + 1]
            return any(_within(sign, _RIGHT_TO_LEFT) for sign in around)
        if character == _BREAK:
            return _within(before, _WITHOUT_BLANKS)
        if character == _VOWEL_SEPARATOR:
            return _within(before, _MONGOLIAN)
        return character == _GRAPHEME_JOINER and bool(before) and unicodedata.combining(before) > 0


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return bool(character) and any(low <= ord(character) <= high for low, high in ranges)


def _in_flag(text: str, place: int) -> bool:
    flag = text.rfind(_FLAG, max(0, place - _AROUND), place)
    return flag >= 0 and any(
        text.startswith(tags, flag + 1) and place <= flag + len(tags) for tags in _FLAG_TAGS
    )
