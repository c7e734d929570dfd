from __future__ import annotations

import pytest
import re2

from registry.importing.gitleaks.bounds import bounded
from serve.core.guard.checks.width import longest


@pytest.mark.parametrize(
    ("pattern", "closed"),
    [
        ("a+", "a{1,200}"),
        ("a*", "a{0,200}"),
        ("[a-z]{20,}", "[a-z]{20,1000}"),
        (r"\s+x", r"\s{1,20}x"),
        ("a+?b", "a{1,200}?b"),
        ("(?:ab)+", "(?:ab){1,200}"),
    ],
)
def test_an_open_repetition_is_closed_far_above_what_a_key_has(pattern: str, closed: str) -> None:
    assert bounded(pattern) == closed
    assert longest(bounded(pattern)) is not None


@pytest.mark.parametrize("pattern", ["abc", "a{3}", "a{2,9}b?", r"\bkey_[0-9a-f]{32}\b"])
def test_what_has_its_bounds_is_not_touched(pattern: str) -> None:
    assert bounded(pattern) == pattern


def test_a_long_block_up_to_its_end_mark_is_matched_in_several_pieces() -> None:
    closed = bounded(r"BEGIN[\s\S]{64,}?END")
    assert re2.search(closed, f"BEGIN{'x' * 3500}END") is not None
    assert re2.search(closed, f"BEGIN{'x' * 60}END") is None


def test_where_a_pattern_would_become_too_large_smaller_bounds_are_tried() -> None:
    assert bounded("[a-z]{50,}") == "[a-z]{50,1000}"
    assert bounded("[à-ÿα-ωא-תぁ-ん]{50,}") == "[à-ÿα-ωא-תぁ-ん]{50,400}"


def test_a_pattern_that_is_too_large_with_any_bound_stays_as_it_is() -> None:
    assert bounded(r"\pL{50,}") == r"\pL{50,}"
