"""The same store in several places, in order of preference: copies of a bucket in other regions.

Only one of them is written to; the others are copies that may be behind, or lie. That needs no care here: what is older
than what was seen, or forged, is refused by its signatures, and the reader's doubt sends the next poll elsewhere.
It must never mix places to make up for a document that one of them lacks, nor stay away from the first for long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from serve.sources.port import (
    Fetched,
    NotModified,
    Source,
    SourceMissing,
    SourceTooLarge,
    SourceUnavailable,
)

BACK_S = 300.0


class SeveralSources:
    """Reads from the first place that answers, and goes on with it for five minutes before it tries those before.

    A tag of one place may be sent to another: where it is not known there, the bytes come, and that is all.
    """

    def __init__(self, sources: Sequence[Source], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._sources: tuple[Source, ...] = tuple(sources)
        self._monotonic = monotonic
        self._place, self._until = 0, 0.0

    def fetch(self, path: str, *, etag: str | None = None, max_bytes: int) -> Fetched | NotModified:
        """See :meth:`serve.sources.port.Source.fetch`; raises what the preferred place raised when none answers."""
        first = self._place if self._monotonic() < self._until else 0
        failures: list[SourceUnavailable] = []
        order: list[int] = [*range(first, len(self._sources)), *range(first)]
        for place in order:
            try:
                answer = self._sources[place].fetch(path, etag=etag, max_bytes=max_bytes)
            except (SourceMissing, SourceTooLarge):
                self._stay(place, after=failures)
                raise
            except SourceUnavailable as error:
                failures.append(error)
            else:
                self._stay(place, after=failures)
                return answer
        raise failures[0]

    def doubt(self) -> None:
        """See :meth:`serve.sources.port.Source.doubt`: on with the next place, for five minutes again."""
        self._place = (self._place + 1) % len(self._sources)
        self._until = self._monotonic() + BACK_S

    def _stay(self, place: int, *, after: Sequence[SourceUnavailable]) -> None:
        self._place = place
        if after:
            self._until = self._monotonic() + BACK_S

    def reset(self) -> None:
        """See :meth:`serve.sources.port.Source.reset`."""
        for source in self._sources:
            source.reset()

    def close(self) -> None:
        """See :meth:`serve.sources.port.Source.close`."""
        for source in self._sources:
            source.close()
