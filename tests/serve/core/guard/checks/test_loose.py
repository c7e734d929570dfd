from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from serve.core.guard.checks.loose import look_ahead
from serve.core.guard.checks.scan import Scan
from serve.core.guard.normalise import read

LARGE = r"(?i)\b([\pL\pN][\pL\pN._-]{0,63}@(?:[\pL\pN-]{1,63}\.){1,4}\pL{2,24})\b"


@pytest.mark.parametrize(
    ("pattern", "loose"),
    [
        (LARGE, r"(?i)\b([\pL\pN][\pL\pN._-]*@(?:[\pL\pN-]+\.){1,4}\pL+)\b"),
        (r"\x{20}{1,900}[\]{1,30}]{900}\{1,900}", r"\x{20}+[\]{1,30}]+\{1,900}"),
        (r"\Qa{1,900}\E[[:alpha:]{1,900}]{3,900}\pL{200,}", r"\Qa{1,900}\E[[:alpha:]{1,900}]+\pL+"),
    ],
)
def test_long_counts_go_and_what_only_looks_like_one_stays(pattern: str, loose: str) -> None:
    found = look_ahead(pattern)
    assert found is not None
    assert found.pattern == loose


def test_a_small_pattern_is_looked_for_at_once() -> None:
    assert look_ahead(r"\b[0-9]{4,40}\b") is None


@given(st.text(alphabet="a1é@.-_ 😀", max_size=300))
def test_the_look_ahead_changes_no_match(text: str) -> None:
    assert _all(text, look_ahead(LARGE)) == _all(text, None)


@given(st.integers(60, 70), st.sampled_from(["@b.cc", "@b.c", "@-.cc ", "x@b.cc a@b.cc"]))
def test_nor_does_it_where_only_the_counts_decide(count: int, end: str) -> None:
    text = f"{'a' * count}{end} " * 3
    assert _all(text, look_ahead(LARGE)) == _all(text, None)


def _all(text: str, loose: re2._Regexp | None) -> list[tuple[int, int]]:
    scan, found = Scan(re2.compile(LARGE), read(text), 0, loose), []
    while (spans := scan.next()) is not None:
        found.append(spans[0])
        scan.move(spans[0][1])
    return found
