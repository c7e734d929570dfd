from __future__ import annotations

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from serve.core.guard.checks.passages import passages

TEXTS = st.text(st.sampled_from("ab .!?\n\t。é\U0001f600”"), max_size=200)


@given(TEXTS, st.integers(20, 80))
def test_every_sign_is_in_exactly_one_passage_none_of_which_is_too_long(text: str, size: int) -> None:
    spans = list(passages(text, size))
    assert all(0 < high - low <= size for low, high in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    left = "".join(
        text[a:b]
        for a, b in zip([0, *(h for _, h in spans)], [*(lo for lo, _ in spans), len(text)], strict=True)
    )
    assert not left.strip()
    assert all(text[low:high] == text[low:high].strip() for low, high in spans)


def said(text: str, size: int = 200) -> list[str]:
    return [text[low:high] for low, high in passages(text, size)]


def test_a_sentence_is_a_passage_and_a_short_one_goes_with_the_next():
    text = "Hello. This is the first sentence of the text. And this here is the second one! Bye."
    assert said(text) == [
        "Hello. This is the first sentence of the text.",
        "And this here is the second one!",
        "Bye.",
    ]


def test_a_long_sentence_is_cut_at_a_blank_and_one_without_blanks_anywhere():
    assert said("one two three four five six seven", 20) == ["one two three four", "five six seven"]
    assert said("x" * 50, 20) == ["x" * 20, "x" * 20, "x" * 10]


def test_cost_grows_with_the_length():
    def taken(text: str) -> float:
        begun = time.process_time()
        for _ in passages(text, 200):
            pass
        return time.process_time() - begun

    for piece in ("a. ", "x", ". ", "\n", " "):
        assert taken(piece * 20_000) < 5
