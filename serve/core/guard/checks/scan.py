"""Searching again and again from a moving place, in time linear in the text.

google-re2 encodes a string anew for each search; here it is encoded once and places are carried along. A pattern
with long counted repeats has a machine of its own for each count, and is slow where the same without the counts is
quick: that one says where to look.
It must never step back: places only grow.
"""

from __future__ import annotations

import re2

from serve.core.guard.normalise import Reading


class Scan:
    """One pattern over the copy of one text. Places are code points of the copy."""

    def __init__(
        self,
        pattern: re2._Regexp,
        reading: Reading,
        start: int,
        loose: re2._Regexp | None = None,
        *,
        raw: bool = False,
    ) -> None:
        """``start`` is a place of the copy; ``loose`` matches wherever ``pattern`` does, and is the quicker.

        With ``raw`` escapes are looked at as they are written.
        """
        text = reading.text if raw else reading.unescaped
        self._search = pattern.search
        self._loose = None if loose is None else loose.search
        self._text = text
        self._ascii = text.isascii()
        same = text is reading.unescaped
        self._bytes = reading.encoded if same else text.encode("utf-8", "replace")
        self._place = start
        self._byte = start if self._ascii else len(text[:start].encode("utf-8", "replace"))
        self._hinted = self._byte  # the byte up to which the loose pattern has said where to look

    def next(self) -> tuple[tuple[int, int], ...] | None:
        """Spans of the next match and of its groups, at or after the current place; None at the end."""
        begin = self._byte
        if self._loose is not None and begin >= self._hinted:
            hint = self._loose(self._bytes, begin)
            if hint is None:
                return None
            begin, self._hinted = hint.span()
        match = self._search(self._bytes, begin)
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
