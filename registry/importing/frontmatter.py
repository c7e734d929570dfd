"""The head of a text file: YAML between two lines of dashes, and the body after it.

It must never take a ruler in the middle of a text for a head.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"---[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Parts:
    """A file in two: ``head`` is None where it has none, lines count from 1.

    ``open`` is True where the head begins and nothing ends it.
    """

    head: str | None
    head_line: int
    body: str
    body_line: int
    open: bool = False


def split(text: str) -> Parts:
    """Head and body of a text; a head begins on the first line that is not blank. Line ends become Unix's."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not _FENCE.match(lines[start]):
        return Parts(None, 1, "\n".join(lines), 1)
    for end in range(start + 1, len(lines)):
        if _FENCE.match(lines[end]):
            return Parts("\n".join(lines[start + 1 : end]), start + 2, "\n".join(lines[end + 1 :]), end + 2)
    return Parts(None, 1, "\n".join(lines), 1, open=True)
