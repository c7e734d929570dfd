"""Rules of kind ``canary``: the marker of a system message must not come out, in whatever form.

The marker belongs to a request and not to the rule, so it is told at each check; its patterns are made once.
It must never look for a marker that nobody told it: without one the rule fails, and its ``onError`` decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from serve.core.guard.checks.port import Detector, Found, Unusable, regex, shaped
from serve.core.guard.checks.scan import Scan
from serve.core.guard.checks.smuggled import FORMS, Form, hint_of, letters_of, pattern_of, width_of
from serve.core.guard.normalise import TAGS, Reading, read
from serve.core.model import Json, Streaming

_LEAST = 8
_TAGS = frozenset(TAGS)
_SHOWN = {ord(tag): chr(ord(tag) - 0xE0000) for tag in TAGS if chr(ord(tag) - 0xE0000).isprintable()}
_LONGEST = 36  # characters of a marker: those of a UUID


@dataclass(frozen=True, slots=True)
class CanaryDetect:
    """``detect`` of a canary rule: the forms that are looked for, and how many neighbours are a leak."""

    decode: tuple[Form, ...] = FORMS
    min_fragment: int = 12


class CanaryDetector:
    """What a rule says of every marker; ``knowing`` gives the detector of one."""

    before = 0

    def __init__(self, detect: Mapping[str, Json]) -> None:
        self._asked = shaped(CanaryDetect, detect)
        if not self._asked.decode:
            raise Unusable("detect.decode names no form")
        if not _LEAST <= self._asked.min_fragment <= _LONGEST:
            raise Unusable(f"detect.minFragment must be between {_LEAST} and {_LONGEST}")
        self.streaming = Streaming("window", width_of("z" * _LONGEST, self._asked.decode))

    def knowing(self, canary: str | None) -> Detector:
        """The detector of one marker.

        Raises:
            ValueError: when there is none, or none that can be told from other text.
        """
        if canary is None:
            raise ValueError("no canary is known")
        return _known(canary, self._asked)

    def find(self, _reading: Reading, _start: int) -> Iterator[Found]:
        """Raises ValueError: there is nothing to look for."""
        raise ValueError("no canary is known")

    def settled(self, reading: Reading) -> int:
        """Ahead of the longest form of the longest marker."""
        return reading.settled((self.streaming.max_match or 0) + 1)


class _Known:
    """The detector of one marker. What finds all of it is large, and made when a text gives a hint of it."""

    before = 0

    def __init__(self, canary: str, asked: CanaryDetect) -> None:
        self._canary, self._asked = canary, asked
        self._hint = regex(hint_of(canary, asked.decode, asked.min_fragment))
        self.streaming = Streaming("window", width_of(canary, asked.decode))

    def find(self, reading: Reading, start: int) -> Iterator[Found]:
        yield from self._found(reading, start)
        if reading.differs and not _TAGS.isdisjoint(reading.original):  # a marker in signs that nobody sees
            shown = reading.original.translate(_SHOWN)
            yield from self._found(read(shown, reading.offset), start)

    def _found(self, reading: Reading, start: int) -> Iterator[Found]:
        index = reading.index(start)
        if self._hint.search(reading.unescaped[index:]) is None:
            return
        pattern = pattern_of(self._canary, self._asked.decode, self._asked.min_fragment)
        scan = Scan(regex(pattern, longest_match=True), reading, index)
        while (spans := scan.next()) is not None:
            span = reading.span(*spans[0])
            yield Found(*span, span, "the canary")
            scan.move(spans[0][1])

    def settled(self, reading: Reading) -> int:
        return reading.settled((self.streaming.max_match or 0) + 1)


@lru_cache(maxsize=1024)
def _known(canary: str, asked: CanaryDetect) -> Detector:
    fits = canary.isascii() and canary.isprintable() and len(canary) <= _LONGEST
    if not fits or len(letters_of(canary)) < asked.min_fragment:
        what = f"a canary has {asked.min_fragment} ASCII letters and digits or more, and {_LONGEST} characters or less"
        raise ValueError(what)
    return _Known(canary, asked)
