"""Searching again and again from a moving place, in time linear in the text.

google-re2 encodes a string anew for each search; here it is encoded once and places are carried along.
It must never step back: places only grow.
"""

from __future__ import annotations

import re2


class Scan:
    """One pattern over one text. Places are code points of the text."""

    def __init__(self, pattern: re2._Regexp, text: str, start: int) -> None:
        self._search = pattern.search
        self._text = text
        self._ascii = text.isascii()
        self._bytes = text.encode("utf-8", "replace")
        self._place = start
        self._byte = start if self._ascii else len(text[:start].encode("utf-8", "replace"))

    def next(self) -> tuple[tuple[int, int], ...] | None:
        """Spans of the next match and of its groups, at or after the current place; None at the end."""
        match = self._search(self._bytes, self._byte)
        if match is None:
            return None
        spans = tuple(match.span(group) for group in range(match.re.groups + 1))
        return spans if self._ascii else self._in_code_points(spans)

    def move(self, place: int) -> None:
        """Go on from this place, which is not before the current one."""
        if self._ascii:
            self._byte = place
        else:
            self._byte += len(self._text[self._place : place].encode("utf-8", "replace"))
        self._place = place

    def _in_code_points(self, spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        places: dict[int, int] = {-1: -1}
        byte, place = self._byte, self._place
        for wanted in sorted({offset for span in spans for offset in span} - {-1}):
            place += len(self._bytes[byte:wanted].decode("utf-8"))
            byte = wanted
            places[wanted] = place
        return tuple((places[low], places[high]) for low, high in spans)
