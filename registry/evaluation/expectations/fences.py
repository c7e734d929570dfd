"""Fenced code blocks of a Markdown text, as CommonMark (section 4.5) has them.

It must never take longer than one look at each line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENING = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[^`\s]*)[^`]*\Z")
_CLOSING = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})[ \t]*\Z")


def fenced_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Language in small letters and content of each closed block, in order."""
    fence, language, lines = "", "", list[str]()
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        found = (_CLOSING if fence else _OPENING).match(line)
        if not fence:
            if found is not None:
                fence, language, lines = found["fence"], found["language"].lower(), []
        elif found is not None and found["fence"].startswith(fence):
            yield language, "\n".join(lines)
            fence = ""
        else:
            lines.append(line)
