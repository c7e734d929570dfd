"""Words and word n-grams of a text, as all checks that count words have them.

It must never split otherwise in one check than in another: white space is Unicode's, a byte order mark included.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

WHITE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # of ECMAScript, \s
_WORD = re.compile(f"[^{WHITE}]+")

NGrams = Counter[tuple[str, ...]]


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    return _WORD.findall(text)


def ngrams(tokens: Sequence[str], size: int) -> NGrams:
    """How often each run of ``size`` tokens occurs; empty where there are fewer tokens."""
    return Counter(zip(*(tokens[start:] for start in range(size)), strict=False))
