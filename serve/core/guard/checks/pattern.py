"""Rules of kind ``pattern``: RE2, and what makes a match more than a coincidence.

Keywords, a word nearby, entropy, allow-lists and checksums each throw false alarms out.
It must never run a pattern outside RE2.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import re2

from serve.core.guard.checks.checksum import CHECKS
from serve.core.guard.checks.port import Found, Unusable, regex, shaped
from serve.core.guard.checks.scan import Scan
from serve.core.guard.checks.width import longest
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming

_FARTHEST = 200


@dataclass(frozen=True, slots=True)
class ContextDetect:
    """Words of which one must stand as a whole word within ``near`` code points of the match."""

    words: tuple[str, ...]
    near: int = 40


@dataclass(frozen=True, slots=True)
class PatternDetect:
    """``detect`` of a pattern rule. The first group of a pattern, where it has one, is the span."""

    any: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    context: ContextDetect | None = None
    entropy: float | None = None
    allow: tuple[str, ...] = ()
    check: Literal["luhn", "iban"] | None = None


class PatternDetector:
    """Finds what its patterns match and its further conditions confirm."""

    def __init__(self, detect: Mapping[str, Json]) -> None:
        asked = shaped(PatternDetect, detect)
        if not asked.any:
            raise Unusable("detect.any holds no pattern")
        self._patterns = [regex(pattern) for pattern in asked.any]
        self._allow = [regex(pattern) for pattern in asked.allow]
        self._keywords = tuple(word.lower() for word in asked.keywords)
        self._entropy = asked.entropy
        self._check: Callable[[str], int] = CHECKS[asked.check] if asked.check else len
        self._context = _Context(asked.context) if asked.context else None
        self._near = asked.context.near if asked.context else 0
        self._width = _widest(asked.any)
        self.before = self._near + 2

    @property
    def streaming(self) -> Streaming:
        """A window of the longest match, or everything where a pattern has no bound."""
        return Streaming("buffer") if self._width is None else Streaming("window", self._width)

    def find(self, reading: Reading, start: int) -> Iterator[Found]:
        """All confirmed matches.

        After a refused one the search goes on one code point later; behind it where the pattern has no bound,
        so that no text takes more than linear time.
        """
        for pattern in self._patterns:
            yield from self._scan(pattern, reading, start)

    def settled(self, reading: Reading) -> int:
        """Ahead of the longest match, of the words it needs nearby, and of the word boundary behind those."""
        return reading.settled((self._width or 0) + self._near + 2)

    def _scan(self, pattern: re2._Regexp, reading: Reading, start: int) -> Iterator[Found]:
        text = reading.text
        scan = Scan(pattern, text, reading.index(start))
        while (spans := scan.next()) is not None:
            low, high = spans[0]
            inner_low, inner_high = spans[1] if len(spans) > 1 and spans[1][0] >= 0 else spans[0]
            kept = self._confirmed(text, inner_low, inner_high)
            if not kept:
                if low >= len(text):
                    return
                scan.move(low + 1 if self._width is not None else max(high, low + 1))
                continue
            stop = high if len(spans) > 1 else inner_low + kept
            span = reading.span(inner_low, inner_low + kept)
            yield Found(
                *span, reading.span(low, stop), allowed=self._allowed(text[inner_low : inner_low + kept])
            )
            scan.move(stop)

    def _confirmed(self, text: str, start: int, end: int) -> int:
        """How many code points from ``start`` on are the finding; 0 when it is none."""
        kept = self._check(text[start:end])
        secret = text[start : start + kept]
        if not kept or (self._keywords and not any(word in secret.lower() for word in self._keywords)):
            return 0
        if self._entropy is not None and _entropy(secret) < self._entropy:
            return 0
        return kept if self._context is None or self._context.is_near(text, start, start + kept) else 0

    def _allowed(self, secret: str) -> bool:
        return any(allow.search(secret) is not None for allow in self._allow)


class _Context:
    """Whole words around a match."""

    def __init__(self, asked: ContextDetect) -> None:
        if not asked.words or not 0 <= asked.near <= _FARTHEST:
            raise Unusable(f"detect.context needs words, and near between 0 and {_FARTHEST}")
        self._near = asked.near
        self._words = regex("(?i)" + "|".join(re2.escape(word) for word in asked.words), longest_match=True)

    def is_near(self, text: str, start: int, end: int) -> bool:
        low = max(0, start - self._near)
        for match in self._words.finditer(text[low : end + self._near]):
            left, right = low + match.start(), low + match.end()
            if not (text[left - 1 : left].isalnum() or text[right : right + 1].isalnum()):
                return True
        return False


def _widest(patterns: tuple[str, ...]) -> int | None:
    widths = [longest(pattern) for pattern in patterns]
    known = [width for width in widths if width is not None]
    return max(known) if len(known) == len(widths) else None


def _entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
