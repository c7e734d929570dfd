from __future__ import annotations

import pytest

from registry.evaluation.judges.question import Question, Ruling


def test_equal_questions_have_one_address() -> None:
    left, right = Question("meets", {"a": "1", "b": "2"}), Question("meets", {"b": "2", "a": "1"})
    assert left.key == right.key
    assert Question("grade", {"a": "1", "b": "2"}).key != left.key


def test_votes_are_meaned_and_counted() -> None:
    ruling = Ruling(({"yes": 0.9, "no": 0.1}, {"yes": 0.4, "no": 0.6}, {"yes": 0.0, "no": 1.0}))
    assert ruling.share("yes") == pytest.approx(1.3 / 3)
    assert ruling.share("yes", "no") == pytest.approx(1)
    assert ruling.mean({"yes": 1.0, "no": 0.0}) == pytest.approx(1.3 / 3)
    assert (ruling.count("yes"), ruling.count("no"), ruling.word) == (1, 2, "no")
