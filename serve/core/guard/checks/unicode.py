"""Rules of kind ``unicode``: characters nobody sees, judged by their neighbours.

A joiner inside an emoji or between letters of a script that needs it is ordinary writing; elsewhere it
hides things.
It must never break a family emoji, a flag, or a Hindi or Persian word.

Sources: Unicode Technical Standard 51 (emoji sequences), Unicode Technical Report 36 (security).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from serve.core.guard.checks.port import Found, Unusable, regex, shaped
from serve.core.guard.normalise import BIDI, TAGS, ZERO_WIDTH, Reading
from serve.core.model import Json, Streaming

_CLASSES: Mapping[str, str] = {"tags": TAGS, "bidi": BIDI, "zero_width": ZERO_WIDTH}
_JOINERS = "\u200c\u200d"
_ZWJ = "\u200d"
_FLAG = "\U0001f3f4"
_NATIONS = ("gbeng", "gbsct", "gbwls")
_FLAG_TAGS = tuple("".join(chr(0xE0000 + ord(c)) for c in nation) + "\U000e007f" for nation in _NATIONS)
_EMOJI = ((0x2190, 0x2BFF), (0x1F000, 0x1FAFF), (0x3030, 0x303D), (0xFE0F, 0xFE0F))
_JOINING_SCRIPTS = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDFF))
_AROUND = 8  # a flag is one emoji and up to six tags


@dataclass(frozen=True, slots=True)
class UnicodeDetect:
    """``detect`` of a unicode rule: classes that are denied, sequences that are allowed nevertheless."""

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
        self._pattern = regex("[" + "".join(_CLASSES[name] for name in asked.deny) + "]")
        self._emoji = "emoji_zwj" in asked.allow
        self._scripts = "script_joiners" in asked.allow

    def find(self, reading: Reading, start: int) -> Iterator[Found]:
        """One finding for each character."""
        text = reading.original
        if text.isascii():
            return
        searched = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate becomes one "?"
        for match in self._pattern.finditer(searched, start):
            place = match.start()
            if not self._explained(text, place):
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
        return self._scripts and character in _JOINERS and _within(before, _JOINING_SCRIPTS)


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return bool(character) and any(low <= ord(character) <= high for low, high in ranges)


def _in_flag(text: str, place: int) -> bool:
    flag = text.rfind(_FLAG, max(0, place - _AROUND), place)
    return flag >= 0 and any(
        text.startswith(tags, flag + 1) and place <= flag + len(tags) for tags in _FLAG_TAGS
    )
