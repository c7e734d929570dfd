"""Test data and evaluators in our shape: one meaning is carried over, anything else is told."""

from __future__ import annotations

from typing import Any

import pytest

from registry.authoring.github.evaluators import evaluators, rows


def asked(*written: Any) -> tuple[list[Any], list[str]]:
    told: list[str] = []
    made = evaluators(list(written), lambda _, what, instead: told.append(f"{what} {instead}"))
    return [item for _, item in made], told


@pytest.mark.parametrize(
    "evaluator",
    [
        {"name": "a", "string": {"contains": "x", "startsWith": "x", "endsWith": "x", "equals": "x"}},
        {"name": "a", "uses": "github/similarity"},
        {"name": "a", "llm": {"prompt": "p", "modelId": "m", "systemPrompt": "s", "choices": [{"choice": "no", "score": 0}]}},
        {"name": "a", "jsonSchema": "output"},
        {"name": "a", "json": {"path": "team", "equals": 5}},
    ],
    ids=lambda each: list(each)[1],
)  # fmt: skip
def test_an_evaluator_of_githubs_or_ours_stays_as_it_is(evaluator: Any) -> None:
    assert asked(evaluator) == ([evaluator], [])


@pytest.mark.parametrize(
    "drifted", [{"regex": "(?i)x"}, {"pattern": "(?i)x"}, {"type": "regex", "pattern": "(?i)x"}]
)
def test_a_pattern_under_a_made_up_key_is_one(drifted: Any) -> None:
    made, (told,) = asked({"name": "a", **drifted})
    assert made == [{"name": "a", "string": {"matches": "(?i)x"}}]
    assert told.endswith('Write string: {matches: "(?i)x"}.')


def test_a_pattern_below_string_is_one_too() -> None:
    made, told = asked({"name": "a", "string": {"regex": "x", "contains": 5}})
    assert made == [{"name": "a", "string": {"matches": "x", "contains": "5"}}]
    assert told == ["regex is read as matches. Write matches instead of regex."]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("text", "it lacks name"),
        ({"name": "a"}, "asks nothing"),
        ({"name": "a", "string": {}}, "asks nothing"),
        ({"name": "a", "string": {"length": 5}}, "length is none of contains"),
        ({"name": "a", "string": {"contains": ["x"]}}, "string.contains must be text"),
        ({"name": "a", "llm": {"prompt": "p"}}, "llm lacks choices"),
        ({"name": "a", "uses": 5}, "uses must be text"),
    ],
)
def test_what_asks_nothing_is_left_out_and_told(written: Any, words: str) -> None:
    made, told = asked(written)
    assert made == []
    assert any(words in each for each in told)


def test_of_two_kinds_the_first_counts() -> None:
    made, (told,) = asked({"name": "a", "uses": "github/fluency", "string": {"contains": "x"}})
    assert made == [{"name": "a", "string": {"contains": "x"}}]
    assert told.startswith("uses stands beside string")


def test_an_evaluator_without_a_name_gets_one() -> None:
    assert asked({"string": {"contains": "x"}})[0][0]["name"] == "evaluator 1"


def test_rows_have_our_names_and_text_where_text_is_wanted() -> None:
    told: list[str] = []
    made = rows(
        [{"a-b": 5, "n": 1, "x": True, "expected": 7, "note": "n"}, "odd", {"a-b": [1], "note": "m"}],
        {"a-b": "a_b", "n": "n", "x": "x"},
        ["a_b", "x"],
        lambda steps, what, _: told.append(f"{steps} {what}"),
    )
    assert made == [(0, {"a_b": "5", "n": 1, "x": "true", "expected": 7}), (2, {"a_b": [1]})]
    assert [each.split(")")[0] for each in told] == ["('testData', 0, 'note'", "('testData', 1"]
