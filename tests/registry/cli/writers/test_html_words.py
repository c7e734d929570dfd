from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cli.writers import html_words
from registry.cli.writers.html_words import Comparer


def texts(pieces: object, *sides: str) -> str:
    return "".join(piece.text for piece in pieces if piece.side in sides)  # type: ignore[attr-defined]


def test_what_only_one_side_says_is_marked() -> None:
    old, new = Comparer().sides('{"team": "billing", "x": 1}', '{"team": "cards", "x": 1}')
    assert texts(old, "old") == "billing"
    assert texts(new, "new") == "cards"


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_word_is_left_out(one: str, other: str) -> None:
    old, new = Comparer().sides(one, other)
    assert texts(old, "both", "old") == one
    assert texts(new, "both", "new") == other
    assert texts(old, "both") == texts(new, "both")


def test_texts_that_repeat_themselves_are_not_compared_and_are_marked_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(html_words, "_matched", pytest.fail)
    old, new = Comparer().sides("a " * 1500, "b a " * 750)
    assert texts(old, "old") == "a " * 1500
    assert texts(new, "new") == "b a " * 750


def test_a_page_of_many_such_texts_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_words, "_MOST_PAIRS_OF_PAGE", 5)
    comparer = Comparer()
    first, _ = comparer.sides("a b c d e", "a b x d e")
    second, _ = comparer.sides("a b c d e", "a b x d e")
    assert texts(first, "old") == "c "
    assert texts(second, "old") == "a b c d e"
