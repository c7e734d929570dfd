from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.read import OPTIONS, read
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
        ({"llm-rubric": ""}, "SUI007", "every answer would do"),
        ({"llm-rubric": "a", "provider": "openai:x"}, "SUI005", "Write judge: models/judge"),
        ({"llm-rubrik": "is polite"}, "SUI005", "Did you mean llm-rubric?"),
        ({"not-g-eval": []}, "SUI007", "at least one text"),
        ({"contains": "a", "judge": "models/judge"}, "SUI002", "beside one of llm-rubric"),
        ({"llm-rubric": "a", "judge": 1}, "SUI002", "beside one of llm-rubric"),
        ({"context-recall": {"context": "passages"}, "threshold": 0.9}, "SUI007", "Write reference"),
        ({"context-faithfulness": "passages", "threshold": 0.8}, "SUI007", "Write {context: passages"),
        ({"context-relevance": {"contxt": "a"}, "threshold": 0.8}, "SUI011", "Did you mean context?"),
        ({"context-faithfulness": None}, "SUI002", "Write threshold: 0.7"),
        ({"answer-relevance": None}, "SUI002", "Write threshold: 0.7"),
        ({"select-best": "a", "threshold": 0.5}, "SUI002", "has no threshold"),
        ({"not-is-valid-openai-tools-call": None}, "SUI005", "Write not-is-valid-tool-call"),
        ({"javascript": "output.length > 5"}, "SUI005", "would run code"),
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
        ({"regex": "^(?!.*sorry)"}, "SUI007", "write not-regex"),
        ({"contains": "a", "transform": "strip"}, "SUI002", "no transform strip"),
        ({"contains": "a", "transform": ["trim", "$..a"]}, "SUI002", "does not parse"),
        ({"contains": "a", "transform": []}, "SUI002", "transform is empty"),
        ({"contains": "a", "transform": [1]}, "SUI002", "a list of names"),
        ({"rouge-n": "a b", "threshold": 0}, "SUI002", "above 0 and up to 1"),
        ({"rouge-n": "a b", "threshold": 1.1}, "SUI002", "above 0 and up to 1"),
        ({"bleu": ["a", ""]}, "SUI007", "every answer would do"),
        ({"bleu": "  "}, "SUI007", "has no word"),
        ({"cost": None}, "SUI002", "cost: 0.002"),
        ({"cost": 0.1, "threshold": 0.2}, "SUI007", "stands twice"),
        ({"latency": "fast"}, "SUI002", "latency: 1200"),
        ({"latency": 0}, "SUI002", "above 0"),
        ({"perplexity": None}, "SUI002", "needs a threshold"),
        ({"perplexity-score": 3}, "SUI002", "up to 1"),
        ({"classifier": "polite"}, "SUI002", "needs a threshold"),
        ({"finish-reason": "end_turn"}, "SUI007", "end_turn is stop here"),
        ({"finish-reason": "stopped"}, "SUI007", "must be one of stop"),
        ({"is-refusal": True}, "SUI007", "takes no value"),
        ({"is-xml": "a.b,c"}, "SUI007", "not split at commas"),
        ({"is-xml": {"requiredElements": ["a"]}}, "SUI007", "list of elements"),
        ({"is-sql": "orders"}, "SUI007", "databaseType"),
        ({"is-sql": {"databaseType": "Postgres"}}, "SUI007", "Did you mean Postgre"),
        ({"is-sql": {"tables": ["a"]}}, "SUI011", "no key of is-sql"),
        ({"is-sql": {"allowedTables": ["a::b"]}}, "SUI007", "one part or three"),
        ({"is-sql": {"allowedColumns": ["("]}}, "SUI007", "cannot be compiled"),
        ({"tool-call-f1": "search,book"}, "SUI007", "not split"),
        ({"guardrails": "outptu"}, "SUI007", "Did you mean output?"),
        ({"glossary": {}}, "SUI007", "terms, avoid, or both"),
        ({"glossary": {"terms": {"invoice": 5}}}, "SUI007", "must be text"),
        ({"glossary": {"term": {"a": "b"}}}, "SUI011", "Did you mean terms?"),
        ({"language": "german"}, "SUI007", "no language code"),
        ({"language": False}, "SUI007", "quoted"),
        ({"snapshot": {"sha256": "abc"}}, "SUI007", "64 hexadecimal digits"),
        ({"python": "lambda x: True"}, "SUI007", "name of a function"),
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


@pytest.mark.parametrize(
    ("entry", "threshold"),
    [
        ({"levenshtein": "a"}, 5), ({"rouge-n": "a"}, 0.75), ({"rouge-l": "a"}, 0.75), ({"bleu": "a"}, 0.5),
        ({"gleu": "a"}, 0.5), ({"meteor": "a"}, 0.5), ({"similar": "a"}, 0.75), ({"tool-call-f1": "a"}, 1),
        ({"not-cost": 0.5}, 0.5), ({"latency": None, "threshold": 9}, 9),
    ],
    ids=str,
)  # fmt: skip
def test_a_threshold_is_promptfoos_default_or_stands_as_the_value(entry: Any, threshold: float) -> None:
    made, problems = read(entry)
    assert problems == ()
    assert made is not None
    assert made.threshold == threshold


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


def test_names_of_types_and_of_options_are_apart() -> None:
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
