from __future__ import annotations

import pytest
import re2

from serve.core.guard.checks.width import longest


@pytest.mark.parametrize(
    ("pattern", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("a|bcd|ef", 3),
        ("(?:ab){2,4}c?", 9),
        (r"\b\d(?:[ -]?\d){12,18}\b", 37),
        ("^(?i:x)y$", 2),
        ("(?i)a(?P<name>bc)(?<other>d)", 4),
        (r"[]a-z[:digit:]\]]{3}", 3),
        (r"[^]\n]{2}", 2),
        (r"\pL\p{Greek}\x{1F600}\x41\101\.", 6),
        (r"\Qa+b*\E{2}"[:8] + "c", 5),
        (r"a{,3}", 5),
        (r"a{2}?", 2),
        (r"\A\z(?:)", 0),
        (r"(?:\b)*x", 1),
        ("a*", None),
        ("a+b", None),
        ("a{2,}", None),
        ("(?:a|b*)c", None),
        (r"\C", None),
    ],
)
def test_the_longest_match_is_read_off_the_pattern(pattern: str, width: int | None) -> None:
    re2.compile(pattern)
    assert longest(pattern) == width
