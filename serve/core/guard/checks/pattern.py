"""Rules of kind ``pattern``: RE2, and what makes a match more than a coincidence.

Keywords, a word nearby, entropy, allow-lists and checksums each throw false alarms out. Keywords, entropy
and allow-lists mean what they mean to gitleaks, so that its rules can be taken over as they are.
It must never run a pattern outside RE2.

Source: gitleaks' configuration, https://github.com/gitleaks/gitleaks#configuration.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import re2

from serve.core.guard.checks.checked import CHECKS, LEAST_DIGITS, CheckName
from serve.core.guard.checks.loose import look_ahead
from serve.core.guard.checks.port import Found, Unusable, regex, shaped
from serve.core.guard.checks.scan import Scan
from serve.core.guard.checks.width import longest
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming

_FARTHEST = 200
_LEAD = 128  # code points of a match in which its keyword begins, so that a stream is not held up without one
_FEW_DIGITS = 4  # numbers up to this length are not counted
_REFUSED, _LET_THROUGH = 0, -1


@dataclass(frozen=True, slots=True)
class ContextDetect:
    """Words of which one must stand as a whole word within ``near`` code points of the match.

    A space in a word may be ``_``, ``-`` or nothing, and ``customerSsn`` holds the word ``ssn``, as names in code do.

    ``spare`` are patterns: a match that one of them finds needs no word. ``alone`` spares a match that has
    nothing but space and punctuation within ``near``, as the whole answer to a question has.
    """

    words: tuple[str, ...]
    near: int = 40
    spare: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class PatternDetect:
    """``detect`` of a pattern rule.

    The span is ``group``, else the first group of the pattern that took part and is not empty, else the whole
    match. ``keywords`` are looked for in the whole match, the rest in the span: ``entropy``, ``allow``,
    ``stopwords``, ``check``. ``allow_match`` looks at the whole match, ``allow_line`` at its line as far as
    200 code points to each side.
    """

    any: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    group: int | None = None
    context: ContextDetect | None = None
    entropy: float | None = None
    allow: tuple[str, ...] = ()
    allow_match: tuple[str, ...] = ()
    allow_line: tuple[str, ...] = ()
    stopwords: tuple[str, ...] = ()
    check: CheckName | None = None


class PatternDetector:
    """Finds what its patterns match and its further conditions confirm."""

    def __init__(self, detect: Mapping[str, Json]) -> None:
        asked = shaped(PatternDetect, detect)
        if not asked.any:
            raise Unusable("detect.any holds no pattern")
        self._patterns = [regex(pattern) for pattern in asked.any]
        self._ahead_of = {pattern: look_ahead(pattern) for pattern in asked.any}
        self.patterns = asked.any
        if any((asked.group or 0) > pattern.groups for pattern in self._patterns):
            raise Unusable(f"detect.group is {asked.group}, and a pattern has fewer groups")
        self._group = asked.group
        self._keywords = tuple(word.lower() for word in asked.keywords)
        self._entropy = asked.entropy
        self._leave = _Leave(asked)
        self._check: Callable[[str], int] | None = CHECKS[asked.check] if asked.check else None
        digits = LEAST_DIGITS.get(asked.check, 0) if asked.check else 0
        self.least_digits = digits if digits > _FEW_DIGITS else 0
        self._context = _Context(asked.context) if asked.context else None
        self._near = max(asked.context.near if asked.context else 0, _FARTHEST if asked.allow_line else 0)
        self._width = _widest(asked.any)
        self.before = self._near + 2
        self._ahead = (self._width or 0) + self._near + 2
        opens = _LEAD + max(map(len, self._keywords), default=0) + 2
        self.quiet = min(self._ahead, opens) if self._keywords else self._ahead

    @property
    def streaming(self) -> Streaming:
        """A window of the longest match, or everything where a pattern has no bound."""
        return Streaming("buffer") if self._width is None else Streaming("window", self._width)

    @property
    def words(self) -> tuple[str, ...]:
        """Words in lower case without one of which the text has no match; none where any text may have one."""
        return self._keywords

    def find(self, reading: Reading, start: int) -> Iterator[Found]:
        """All confirmed matches, and as ``allowed`` those that entropy, allow-lists or stop words let through.

        After one that a keyword, a checksum or the words nearby refuse, the search goes on one code point
        later; behind it where the pattern has no bound, so that no text takes more than linear time.
        """
        if self.least_digits and reading.most_digits < self.least_digits:
            return
        if self._keywords and not any(word in reading.lowered for word in self._keywords):
            return
        for pattern in self._patterns:
            yield from self._scan(pattern, reading, start)

    def settled(self, reading: Reading) -> int:
        """Ahead of the longest match, of the words it needs nearby, and of the word boundary behind those.

        Where no keyword stands, only ahead of the keyword that a match would have to begin with.
        """
        ahead = self._ahead
        if not self._keywords:
            return reading.settled(ahead)
        low = max(0, reading.stable - ahead)
        tail = reading.unescaped[low:].lower()
        places = [place for word in self._keywords if (place := tail.find(word)) >= 0]
        open_end = reading.stable - _LEAD - max(map(len, self._keywords)) - 2
        first = min(open_end, low + min(places) - _LEAD) if places else open_end
        same = len(tail) == len(reading.text) - low  # a few letters grow in lower case, and places move
        return reading.settled(reading.stable - max(low, first) if same else ahead)

    def _scan(self, pattern: re2._Regexp, reading: Reading, start: int) -> Iterator[Found]:
        text = reading.unescaped
        scan = Scan(pattern, reading, reading.index(start), self._ahead_of[pattern.pattern])
        while (spans := scan.next()) is not None:
            low, high = spans[0]
            inner_low, inner_high = self._span(spans)
            kept = self._confirmed(text, spans[0], (inner_low, inner_high))
            if kept == _REFUSED:
                if low >= len(text):
                    return
                scan.move(low + 1 if self._width is not None else max(high, low + 1))
                continue
            let_through = kept == _LET_THROUGH or self._leave.lets(
                text, spans[0], (inner_low, inner_low + kept)
            )
            end = inner_high if kept == _LET_THROUGH else inner_low + kept
            stop = high if pattern.groups and end == inner_high else end
            yield Found(*reading.span(inner_low, end), reading.span(low, stop), allowed=let_through)
            scan.move(stop)

    def _span(self, spans: tuple[tuple[int, int], ...]) -> tuple[int, int]:
        if self._group is not None:
            return spans[self._group] if spans[self._group][0] >= 0 else spans[0]
        return next((span for span in spans[1:] if 0 <= span[0] < span[1]), spans[0])

    def _confirmed(self, text: str, outer: tuple[int, int], span: tuple[int, int]) -> int:
        """How many code points of the span are the finding, or that it is refused or let through."""
        start, end = span
        if self._keywords:
            lowered = text[outer[0] : outer[1]].lower()
            if not any(0 <= lowered.find(word) <= _LEAD for word in self._keywords):
                return _REFUSED
        kept = end - start if self._check is None else self._check(text[start:end])
        if kept == 0 or (self._context and not self._context.is_near(text, start, start + kept)):
            return _REFUSED
        if self._entropy is not None and _entropy(text[start : start + kept]) < self._entropy:
            return _LET_THROUGH
        return kept


class _Leave:
    """What is written like a finding and is none: placeholders, samples, names of variables."""

    def __init__(self, asked: PatternDetect) -> None:
        self._span = [regex(pattern) for pattern in asked.allow]
        self._match = [regex(pattern) for pattern in asked.allow_match]
        self._line = [regex(pattern) for pattern in asked.allow_line]
        self._words = regex("|".join(map(re2.escape, asked.stopwords)).lower()) if asked.stopwords else None

    def lets(self, text: str, outer: tuple[int, int], span: tuple[int, int]) -> bool:
        found = text[span[0] : span[1]]
        return (
            any(pattern.search(found) for pattern in self._span)
            or (self._words is not None and self._words.search(found.lower()) is not None)
            or any(pattern.search(text[outer[0] : outer[1]]) for pattern in self._match)
            or any(pattern.search(_line(text, outer)) for pattern in self._line)
        )


def _line(text: str, outer: tuple[int, int]) -> str:
    low, high = max(0, outer[0] - _FARTHEST), outer[1] + _FARTHEST
    first = text.rfind("\n", low, outer[0])
    last = text.find("\n", outer[1], high)
    return text[first + 1 if first >= 0 else low : last if last >= 0 else high]


class _Context:
    """Whole words around a match."""

    def __init__(self, asked: ContextDetect) -> None:
        if not asked.words or not 0 <= asked.near <= _FARTHEST:
            raise Unusable(f"detect.context needs words, and near between 0 and {_FARTHEST}")
        self._near = asked.near
        words = (re2.escape(word).replace("\\ ", "[ _-]?") for word in asked.words)
        self._words = regex("(?i)" + "|".join(words), longest_match=True)
        self._spare = [regex(pattern) for pattern in asked.spare]
        self._alone = asked.alone

    def is_near(self, text: str, start: int, end: int) -> bool:
        low = max(0, start - self._near)
        if any(pattern.search(text[start:end]) for pattern in self._spare):
            return True
        around = text[low:start] + text[end : end + self._near]
        if self._alone and not any(map(str.isalnum, around)):
            return True
        for match in self._words.finditer(text[low : end + self._near]):
            left, right = low + match.start(), low + match.end()
            if _is_edge(text, left) and _is_edge(text, right):
                return True
        return False


def _is_edge(text: str, place: int) -> bool:
    """True where a word begins or ends, be it at a hump as in ``customerSsn``."""
    before, after = text[place - 1 : place] if place else "", text[place : place + 1]
    return not (before.isalnum() and after.isalnum()) or (before.islower() and after.isupper())


def _widest(patterns: tuple[str, ...]) -> int | None:
    widths = [longest(pattern) for pattern in patterns]
    known = [width for width in widths if width is not None]
    return max(known) if len(known) == len(widths) else None


def _entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
