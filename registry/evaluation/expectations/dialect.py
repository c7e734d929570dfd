"""Patterns as JavaScript has them, written as RE2 has them, where both can say the same.

People bring patterns from promptfoo. Four things are spelt otherwise and mean the same after translation; what RE2
cannot say (look-around, back-references) stays as it is and is refused when it is compiled.
It must never change a pattern that RE2 reads as JavaScript does.
"""

from __future__ import annotations

import re

from registry.evaluation.expectations.words import WHITE

_ESCAPED_WHITE = "".join(rf"\x{{{ord(char):x}}}" if char != "-" else "-" for char in WHITE)
_PIECE = re.compile(
    r"\\u(?P<code>[0-9A-Fa-f]{4})|\\(?P<white>[sS])|\[\^\](?P<any>)|(?P<open>\[\^?\]?)|(?P<close>\])"
    r"|\\c(?P<control>[A-Za-z])|(?P<dash>\\[wdWD]-(?=[^\]]))|\\.|.",
    re.DOTALL,
)


def translated(pattern: str) -> str:
    r"""The pattern for RE2: ``\uXXXX``, ``\s`` of all Unicode white space, ``[^]``, ``\cX``, ``[\w-.]``."""
    made: list[str] = []
    inside = False
    for piece in _PIECE.finditer(pattern):
        text, inside = _translated(piece, inside)
        made.append(text)
    return "".join(made)


def _translated(piece: re.Match[str], inside: bool) -> tuple[str, bool]:
    """One piece, and whether what follows it stands inside of a class."""
    if piece["code"]:
        return rf"\x{{{piece['code']}}}", inside
    if piece["white"] == "s":
        return (_ESCAPED_WHITE if inside else f"[{_ESCAPED_WHITE}]"), inside
    if piece["white"] == "S" and not inside:
        return f"[^{_ESCAPED_WHITE}]", inside
    if piece["any"] is not None and not inside:
        return r"[\x{0}-\x{10FFFF}]", inside
    if piece["control"]:
        return rf"\x{ord(piece['control'].upper()) - 64:02x}", inside
    if piece["dash"] and inside:
        return rf"{piece['dash'][:-1]}\-", inside
    if piece["open"] and not inside:
        return piece[0], True
    return piece[0], inside and not piece["close"]
