from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.judges.answers import output_of, shares_of
from registry.evaluation.records import Completion

WORDS = ("yes", "no")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("yes", "yes"),
        (" No.\n", "no"),
        ('"YES"', "yes"),
        ("**no**", "no"),
        ('{"verdict": "yes"}', "yes"),
        ('{"verdict": "No"}', "no"),
    ],
)
def test_a_word_alone_is_a_verdict(text: str, word: str) -> None:
    assert shares_of(Completion(text, 1, 1), WORDS) == {each: float(each == word) for each in WORDS}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes, because it is polite",
        "I would say no",
        "maybe",
        "yes no",
        '{"verdict": "maybe"}',
        '{"verdict": "yes", "reason": "polite"}',
        '{"answer": "yes"}',
        '["yes"]',
        "true",
    ],
)
def test_prose_and_other_words_are_no_verdict(text: str) -> None:
    assert shares_of(Completion(text, 1, 1), WORDS) is None


@given(st.text())
def test_whatever_is_written_is_one_word_or_none(text: str) -> None:
    found = shares_of(Completion(text, 1, 1), WORDS)
    assert found is None or sorted(found.values()) == [0.0, 1.0]


def test_a_choice_brings_the_share_of_each_word() -> None:
    shares = {"yes": 0.7, "no": 0.3}
    assert shares_of(Completion("yes", 1, 1, shares=shares), WORDS) == shares
    assert shares_of(Completion("A", 1, 1, shares={"A": 1.0, "B": 0.0}), WORDS) is None


def test_structured_output_allows_the_words_and_nothing_else() -> None:
    schema = output_of(WORDS).schema
    assert schema["properties"]["verdict"]["enum"] == ["yes", "no"]
    assert schema["required"] == ["verdict"]
    assert schema["additionalProperties"] is False
