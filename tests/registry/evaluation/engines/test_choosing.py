from __future__ import annotations

import math

import pytest

from registry.evaluation.engines.choosing import chosen
from registry.evaluation.engines.port import Prepared

ITEM = Prepared("k", ("a", "b"), {"texts": ["yes", "no", "maybe"]})


def test_the_likeliest_text_wins_with_its_share_of_all() -> None:
    answer = chosen(ITEM, [[math.log(0.1)], [math.log(0.5), math.log(0.6)], [math.log(0.1)]], 0.5)
    assert (answer.text, answer.completion_tokens, answer.prompt_tokens) == ("no", 2, 2)
    assert answer.shares == pytest.approx({"yes": 0.2, "no": 0.6, "maybe": 0.2})


def test_of_equal_texts_the_first_wins() -> None:
    assert chosen(ITEM, [[-2.0], [-1.0, -1.0], [-2.0]], 0.1).text == "yes"


def test_probabilities_too_small_for_a_number_are_still_compared() -> None:
    answer = chosen(ITEM, [[-4000.0], [-4001.0], [-5000.0]], 0.1)
    assert answer.text == "yes"
    assert answer.shares["no"] == pytest.approx(1 / (1 + math.e))
