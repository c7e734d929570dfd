from __future__ import annotations

import re2

from serve.core.guard.checks.scan import Scan
from serve.core.guard.normalise import read


def test_places_are_code_points_whatever_stands_before() -> None:
    scan = Scan(re2.compile(r"(é)?b"), read("añ€éb😀b"), 1)
    assert scan.next() == ((3, 5), (3, 4))
    scan.move(5)
    assert scan.next() == ((6, 7), (-1, -1))
    scan.move(7)
    assert scan.next() is None


def test_what_lies_before_the_start_still_counts_for_word_boundaries() -> None:
    assert Scan(re2.compile(r"\bfoo"), read("xfoo"), 1).next() is None
