from __future__ import annotations

from registry.evaluation.expectations.words import ngrams, words


def test_words_are_split_at_all_white_space_of_unicode() -> None:
    assert words("\ufeffa\u00a0b\u2003c\r\n d ") == ["a", "b", "c", "d"]
    assert words(" \n") == []


def test_ngrams_are_counted() -> None:
    assert ngrams(["a", "b", "a", "b"], 2) == {("a", "b"): 2, ("b", "a"): 1}
    assert ngrams(["a"], 2) == {}
