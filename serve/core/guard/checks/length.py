"""Rules of kind ``length``: how long a text may be, in code points as the caller sent it.

It must never count bytes or tokens; both depend on who counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from serve.core.guard.checks.port import Found, Unusable, shaped
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming


@dataclass(frozen=True, slots=True)
class LengthDetect:
    """``detect`` of a length rule: bounds in code points, both inclusive."""

    max: int | None = None
    min: int | None = None


class LengthDetector:
    """Finds the excess of a long text, or the whole of a short one."""

    before = 0

    def __init__(self, detect: Mapping[str, Json]) -> None:
        self._asked = shaped(LengthDetect, detect)
        if self._asked.max is None and self._asked.min is None:
            raise Unusable("detect needs max or min")

    @property
    def streaming(self) -> Streaming:
        """The end decides about a minimum; a maximum is known as soon as it is passed."""
        return Streaming("end") if self._asked.min is not None else Streaming("window", 1)

    def find(self, reading: Reading, _start: int) -> Iterator[Found]:
        """At most one finding for each bound."""
        held, size = len(reading.original), reading.offset + len(reading.original)
        most, least = self._asked.max, self._asked.min
        if most is not None and size > most:
            excess = max(0, most - reading.offset)
            yield Found(excess, held, (excess, held), f"longer than {most} characters")
        if least is not None and size < least:
            yield Found(0, held, (0, held), f"shorter than {least} characters")

    def settled(self, reading: Reading) -> int:
        """One code point past the maximum: there the excess is certain."""
        size = len(reading.original)
        return size if self._asked.max is None else min(size, self._asked.max + 1 - reading.offset)
