"""Rules of kind ``literals``: fixed phrases, as people write them.

A space stands for any short run of white space, an apostrophe for either form of it.
It must never match inside a word unless the rule asks for that.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2

from serve.core.guard.checks.port import Found, Unusable, regex, shaped
from serve.core.guard.checks.scan import Scan
from serve.core.guard.checks.width import longest
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming


@dataclass(frozen=True, slots=True)
class LiteralsDetect:
    """``detect`` of a literals rule."""

    any: tuple[str, ...]
    ignore_case: bool = True
    whole_words: bool = True


class LiteralsDetector:
    """Finds the longest phrase at each place, leftmost first."""

    before = 2

    def __init__(self, detect: Mapping[str, Json]) -> None:
        asked = shaped(LiteralsDetect, detect)
        phrases = [unicodedata.normalize("NFKC", phrase).strip() for phrase in asked.any]
        if not phrases or not all(phrases):
            raise Unusable("detect.any needs phrases, none of them empty")
        flags = "(?i)" if asked.ignore_case else ""
        edge = r"(?:[^\pL\pN_]|\z)" if asked.whole_words else ""
        source = f"{flags}({'|'.join(map(_flexible, phrases))}){edge}"
        self._whole_words = asked.whole_words
        self._pattern = regex(source, longest_match=True)
        self._width = longest(source) or 0
        self.quiet = self._width + 1

    @property
    def streaming(self) -> Streaming:
        """A window of the longest phrase."""
        return Streaming("window", self._width)

    def find(self, reading: Reading, start: int) -> Iterator[Found]:
        """All phrases from ``start`` on."""
        text = reading.unescaped
        scan = Scan(self._pattern, reading, reading.index(start))
        while (spans := scan.next()) is not None:
            low, high = spans[1]
            if self._whole_words and low > 0 and (text[low - 1].isalnum() or text[low - 1] == "_"):
                scan.move(low + 1)
                continue
            span = reading.span(low, high)
            yield Found(*span, span)
            scan.move(high)

    def settled(self, reading: Reading) -> int:
        """Ahead of the longest phrase and the edge behind it."""
        return reading.settled(self.quiet)


def _flexible(phrase: str) -> str:
    words = (re2.escape(word.replace("’", "'")).replace(r"\'", "['’]") for word in phrase.split())
    return r"\s{1,3}".join(words)
