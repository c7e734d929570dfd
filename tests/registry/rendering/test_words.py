from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.rendering.words import Piece, word_difference

WORDS = st.lists(st.sampled_from(["a", "be", " ", "\n", ".", "ä", "{{ x }}", "  "]), max_size=30).map("".join)


def test_one_word_changed_is_two_pieces_on_its_line() -> None:
    assert word_difference("You route tickets.", "You sort tickets.") == (
        (Piece("both", "You "), Piece("old", "route"), Piece("new", "sort"), Piece("both", " tickets.")),
    )


def test_equal_lines_far_from_a_change_are_left_out() -> None:
    old = "\n".join("abcdefghij")
    lines = word_difference(old, old.replace("e", "E"))
    assert [line is None for line in lines] == [True, False, False, False, True]


def test_equal_texts_have_no_lines_to_show() -> None:
    assert word_difference("same\n", "same\n") == (None,)


@given(WORDS, WORDS)
def test_both_texts_can_be_read_back_from_the_pieces(old: str, new: str) -> None:
    lines = [line or () for line in word_difference(old, new, around=100)]
    pieces = [piece for line in lines for piece in line]
    if old != new:
        assert "".join(piece.text for piece in pieces if piece.side != "new") == old
        assert "".join(piece.text for piece in pieces if piece.side != "old") == new


def test_a_text_that_repeats_itself_without_end_is_not_matched_word_by_word() -> None:
    """Word by word it takes minutes: nearly every word of one side is equal to half of the other's."""
    lines = word_difference("a " * 1500 + "\nlast", "b a " * 750 + "\nlast")
    assert [piece.side for line in lines for piece in line or ()] == ["old", "new", "both", "both", "both"]
