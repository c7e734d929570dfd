"""A pattern without its long counted repeats: it matches wherever the pattern does, and takes a hundredth of the time.

RE2 unrolls ``x{0,63}`` into 63 copies of x; two of them around letters of all scripts make half a million states.
It must never lose a match: what replaces a repeat allows all that the repeat allows.

Source: RE2 syntax, https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

from functools import lru_cache

import re2

from serve.core.guard.checks.port import Unusable, regex

_LARGE = 2000  # instructions of a pattern from which a look ahead with a smaller one pays
_SHORT = 9  # repeats up to this stay as they are
_TOKEN = re2.compile(
    r"(?s)\\Q.*?(?:\\E|\z)|\\[pP]\{[^}]*\}|\\x\{[0-9a-fA-F]*\}|\\."
    r"|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]|\{([0-9]+)(,?)([0-9]*)\}"
)


@lru_cache(maxsize=2048)
def look_ahead(pattern: str) -> re2._Regexp | None:
    """A quick pattern that matches wherever a valid RE2 pattern does; None where the pattern is quick itself."""
    if regex(pattern).programsize < _LARGE:
        return None
    loose = _TOKEN.sub(_without_count, pattern)
    try:
        found = regex(loose)
    except Unusable:  # such as two repeats in a row
        return None
    return found if found.programsize * 4 < regex(pattern).programsize else None


def _without_count(token: re2._Match) -> str:
    whole, least, comma, most = token.group(0), token.group(1), token.group(2), token.group(3)
    if least is None:
        return str(whole)
    greatest = int(most or 0) if comma else int(least)
    if greatest <= _SHORT and not (comma and not most and int(least) > _SHORT):
        return str(whole)
    return "*" if int(least) == 0 else "+"
