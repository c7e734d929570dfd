"""Rules of kind ``entities``: names, places and whatever else Presidio's recognizers know, found in the whole text.

They wait for the end of a stream: what a name is, the words behind it can decide.
It must never take no answer for a good one.

Source: Presidio's supported entities, https://microsoft.github.io/presidio/supported_entities/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from serve.core.guard.checks.asked import Asked, EntitiesDetect, Models
from serve.core.guard.checks.port import Found, Unusable, shaped
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming


@dataclass(frozen=True, slots=True)
class Spot:
    """One entity of a text, by its code points."""

    start: int
    end: int
    entity: str
    score: float


@runtime_checkable
class Spotter(Asked, Protocol):
    """What finds entities. Safe for use by several threads."""

    def spots(self, text: str, /) -> Sequence[Spot]:
        """All entities of a text; whatever is raised makes the rule fail, and its ``onError`` decides."""


class EntitiesDetector:
    """Finds each entity that a rule names."""

    before = 0
    streaming = Streaming("buffer")

    def __init__(self, detect: Mapping[str, Json], models: Models) -> None:
        asked = shaped(EntitiesDetect, detect)
        if not asked.entities or not all(name.isupper() for name in asked.entities):
            raise Unusable("detect.entities takes Presidio's names for them, such as PERSON")
        if not 0 < asked.threshold <= 1:
            raise Unusable("detect.threshold must be above 0 and at most 1")
        if asked.pipeline_sha256 and not asked.pipeline:
            raise Unusable("detect.pipelineSha256 is that of detect.pipeline, which is missing")
        self._asked = models.open("entities", asked)

    def find(self, reading: Reading, _start: int) -> Iterator[Found]:
        """One finding for each entity."""
        if not isinstance(self._asked, Spotter):
            raise TypeError("this guard was made without what finds entities")
        for spot in self._asked.spots(reading.text) if reading.text else ():
            span = reading.span(spot.start, spot.end)
            yield Found(*span, span, f"{spot.entity} {spot.score:.2f}")

    def settled(self, _reading: Reading) -> int:
        """Nothing is settled before the end."""
        return 0
