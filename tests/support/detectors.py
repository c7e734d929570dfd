"""Detectors that no rule file can write down."""

from __future__ import annotations

from serve.core.model import Streaming


class Broken:
    """A detector whose machinery fails."""

    streaming = Streaming("window", 4)
    before = 0

    def find(self, _reading, _start):
        raise MemoryError("out of budget")

    def settled(self, reading):
        return len(reading.original)
