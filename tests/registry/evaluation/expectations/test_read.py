from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.read import LATER, OPTIONS, read
from registry.evaluation.expectations.table import NAMES, TABLE


def problem(entry: Any) -> tuple[str, str]:
    made, problems = read(entry)
    assert made is None
    assert len(problems) == 1, problems
    return problems[0].code, f"{problems[0].message} {problems[0].hint}"


@pytest.mark.parametrize(
    ("entry", "code", "words"),
    [
        ("is-json", "SUI002", "Write {is-json: …}"),
        ({}, "SUI005", "names no type"),
        ({"weight": 2}, "SUI005", "names no type"),
        ({"containz": "a"}, "SUI005", "Did you mean contains?"),
        ({"contains": "a", "wieght": 2}, "SUI005", "Did you mean weight?"),
        ({"contains": "a", "regex": "b"}, "SUI005", "contains and regex"),
        ({"type": "contains", "value": "a"}, "SUI005", "Write {contains: …}"),
        ({"llm-rubric": "is polite"}, "SUI005", "no expectation llm-rubric yet"),
        ({"not-similar": "x"}, "SUI005", "no expectation not-similar yet"),
        ({"not-assert-set": []}, "SUI005", "no type of expectation"),
        ({"contains": 5}, "SUI007", "Quote it"),
        ({"contains": ""}, "SUI007", "every answer would do"),
        ({"contains-any": "a, b"}, "SUI007", "not split at commas"),
        ({"contains-all": []}, "SUI007", "at least one"),
        ({"one-of": ["a", 1]}, "SUI007", "must be text"),
        ({"regex": "(a"}, "SUI007", "missing )"),
        ({"regex": "(?=a)"}, "SUI007", "no look-around"),
        ({"not-regex": "\ud800"}, "SUI007", "half a character"),
        ({"is-json": "outputs"}, "SUI007", "must be a schema"),
        ({"is-json": {"type": "sting"}}, "SUI007", "not a JSON Schema"),
        ({"is-json": {"$ref": "http://127.0.0.1:9/x.json"}}, "SUI007", "not a JSON Schema"),
        ({"json": "$.team"}, "SUI007", "{path: $.team, equals: billing}"),
        ({"json": {"path": "$.team"}}, "SUI007", "Exactly one"),
        ({"json": {"path": "$.a", "equals": 1, "in": [1]}}, "SUI007", "Exactly one"),
        ({"json": {"path": "$.a", "equal": 1, "equals": 1}}, "SUI011", "Did you mean equals?"),
        ({"json": {"path": "$..a", "equals": 1}}, "SUI007", "character 2"),
        ({"json": {"path": "a", "equals": 1}}, "SUI007", "start with $"),
        ({"json": {"equals": 1}}, "SUI007", "path is missing"),
        ({"json": {"path": "$.a", "in": []}}, "SUI007", "at least one value"),
        ({"json": {"path": "$.a", "matches": "("}}, "SUI007", "cannot be compiled"),
        ({"word-count": {"min": 5, "max": 2}}, "SUI007", "Swap them"),
        ({"word-count": {}}, "SUI007", "min or max"),
        ({"word-count": {"max": -1}}, "SUI007", "from 0 on"),
        ({"tokens": {"maximum": 5, "max": 5}}, "SUI011", "Did you mean max?"),
        ({"tokens": True}, "SUI007", "whole number"),
        ({"levenshtein": "billing"}, "SUI002", "needs a threshold"),
        ({"levenshtein": "billing", "threshold": 1.5}, "SUI002", "whole number"),
        ({"contains": "a", "threshold": 0.5}, "SUI002", "has no threshold"),
        ({"contains": "a", "weight": 0}, "SUI002", "above 0"),
        ({"contains": "a", "weight": -1}, "SUI002", "above 0"),
        ({"contains": "a", "weight": True}, "SUI002", "above 0"),
        ({"contains": "a", "required": "yes"}, "SUI002", "true or false"),
        ({"assert-set": []}, "SUI007", "list of expectations"),
        ({"assert-set": [{"contains": ""}]}, "SUI007", "every answer would do"),
        ({"assert-set": [{"contains": "a"}], "threshold": 0}, "SUI002", "above 0 and up to 1"),
        ({"assert-set": [{"contains": "a"}], "threshold": 2}, "SUI002", "above 0 and up to 1"),
    ],
    ids=str,
)
def test_what_could_not_be_examined_is_refused_with_a_hint(entry: Any, code: str, words: str) -> None:
    found, told = problem(entry)
    assert found == code
    assert words in told


def test_problems_inside_a_set_keep_their_steps() -> None:
    _, problems = read({"assert-set": [{"contains": "a"}, {"json": {"path": "x", "equals": 1}}]})
    assert problems[0].steps == ("assert-set", 1, "json", "path")


def test_sets_are_not_nested_without_end() -> None:
    entry: Any = {"contains": "a"}
    for _ in range(30):
        entry = {"assert-set": [entry]}
    assert read(entry)[0] is None


def test_options_are_read_beside_the_type() -> None:
    made, problems = read({"not-levenshtein": "billing", "threshold": 3, "weight": 2, "required": True})
    assert problems == ()
    assert made is not None
    assert (made.type, made.negated, made.threshold, made.weight, made.required) == (
        "levenshtein",
        True,
        3.0,
        2.0,
        True,
    )


def test_names_are_either_known_or_promised_and_never_both() -> None:
    assert not LATER & set(NAMES)
    assert not set(OPTIONS) & set(NAMES)
    assert set(TABLE) <= set(NAMES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*NAMES, *OPTIONS, "path"]), JSON, max_size=4) | JSON)
def test_no_value_can_crash_the_reader(entry: Any) -> None:
    made, problems = read(entry)
    assert (made is None) == bool(problems)
