from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.guard_ml.nearest import Classifier


class Letters:
    """Texts as counts of a, b and c."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return [[float(text.count(letter)) for letter in "abc"] for text in texts]


LABELS = {"a-ish": ["aaa", "aab", "aac"], "b-ish": ["bbb", "bba", "bbc"]}


def test_a_text_has_the_label_whose_examples_are_nearest() -> None:
    shares = Classifier(LABELS, Letters()).classify("aaaab")
    assert shares["a-ish"] > 0.95
    assert sum(shares.values()) == pytest.approx(1)
    even = Classifier(LABELS, Letters()).classify("ab")
    assert even["a-ish"] == pytest.approx(0.5)


def test_labels_that_cannot_be_told_apart_are_not_told_apart_sharply() -> None:
    mixed = Classifier({"x": ["aaa", "bbb", "ab"], "y": ["aaa", "bbb", "ba"]}, Letters())
    assert mixed.classify("aaa")["x"] == pytest.approx(0.5, abs=0.2)


def test_examples_are_read_once() -> None:
    encoder = Letters()
    classifier = Classifier(LABELS, encoder)
    for text in ("a", "b", "c"):
        classifier.classify(text)
    assert len(encoder.asked) == 6 + 3


@given(
    st.dictionaries(
        st.sampled_from("xyz"), st.lists(st.text("abc", max_size=4), min_size=1, max_size=3), min_size=2
    ),
    st.text("abc"),
)
def test_shares_are_shares_whatever_the_examples(labels: dict[str, list[str]], text: str) -> None:
    shares = Classifier(labels, Letters()).classify(text)
    assert set(shares) == set(labels)
    assert all(0 <= share <= 1 for share in shares.values())
    assert sum(shares.values()) == pytest.approx(1)
