from __future__ import annotations

import contextlib

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.dialect import translated
from registry.evaluation.expectations.pattern import search


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"caf\u00e9", "café"),
        (r"[\u4e00-\u9fff]+", "日本"),
        (r"a\sb", "a\u00a0b"),
        (r"[\s,]x", "\u3000x"),
        (r"^[^]$", "\n"),
        (r"[\w-.]+@", "a-b.c@"),
        (r"a\cJb", "a\nb"),
        (r"\\u00e9", r"\u00e9"),
        (r"[]a]", "]"),
        (r"(?<year>\d{4})", "2026"),
    ],
)
def test_spellings_of_javascript_mean_the_same(pattern: str, text: str) -> None:
    assert search(pattern, text) is not None


def test_nothing_but_white_space_is_white() -> None:
    assert search(r"^\S+$", "a\u00a0b") is None
    assert search(r"\s", "abc") is None


@given(st.text(alphabet="abc|*+?()[].^$1{}, ", max_size=20))
def test_a_pattern_without_these_spellings_stays_as_it_is(pattern: str) -> None:
    if "[^]" not in pattern:
        assert translated(pattern) == pattern


@given(st.text(max_size=30))
def test_no_pattern_breaks_the_translation(pattern: str) -> None:
    options = re2.Options()
    options.log_errors = False
    with contextlib.suppress(re2.error):
        re2.compile(translated(pattern).encode("utf-8", "replace").decode(), options=options)
