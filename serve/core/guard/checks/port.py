"""What every kind of rule looks like from outside: it finds spans, and knows when they are final.

It must never know actions, stages or modes; a detector only sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

import re2

from serve.core.codec import ShapeError, from_json
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming

T = TypeVar("T")


class Unusable(ValueError):
    """A ``detect`` that no detector can be made of; the sentence names the key."""


class Found(NamedTuple):
    """One span of the original text. ``outer`` is the whole match when only a part of it is the span.

    ``allowed`` marks a match that the rule itself lets through: no hit, but nothing else begins inside it.
    """

    start: int
    end: int
    outer: tuple[int, int]
    detail: str = ""
    allowed: bool = False


class Detector(Protocol):
    """A rule's eye. ``before`` is how many code points left of a match it may look at."""

    @property
    def streaming(self) -> Streaming:
        """The least that must be held back on a stream."""

    @property
    def before(self) -> int:
        """How far left of a match it looks."""

    def find(self, reading: Reading, start: int, /) -> Iterator[Found]:
        """All findings from the original place ``start`` on."""

    def settled(self, reading: Reading, /) -> int:
        """The original place before which every finding that begins there is final, whatever text follows."""


Maker = Callable[[Mapping[str, Json]], Detector]


def shaped(cls: type[T], detect: Mapping[str, Json]) -> T:
    """``detect`` as its typed form; raises Unusable."""
    try:
        return from_json(cls, dict(detect))
    except ShapeError as error:
        raise Unusable(f"detect.{error}") from error


@lru_cache(maxsize=2048)
def regex(pattern: str, *, longest_match: bool = False) -> re2._Regexp:
    """A compiled RE2 pattern, the same one for the same text; raises Unusable."""
    options = re2.Options()
    options.log_errors = False
    options.longest_match = longest_match
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise Unusable(f"{pattern!r} is not an RE2 pattern: {_said(error)}") from error


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
