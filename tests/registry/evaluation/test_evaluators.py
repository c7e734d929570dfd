"""Evaluators as entries of expect: GitHub's meaning, filled from a row, judged by the checks that suites use."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.sources.prompt import EvaluatorSource
from registry.evaluation.evaluators import MissingError, entries, entries_of_expected, slots
from registry.evaluation.expectations import check
from registry.evaluation.expectations.read import read
from registry.evaluation.records import Completion
from serve.core.codec import from_json

BLANK = " \t\n\f\r"
TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: text.strip(BLANK))
ROW = {"team": "cards", "expected": {"team": "cards", "lines": [{"n": 1}], "text": "a.b", "n": 5}}


def made(row: Any = ROW, **keys: Any) -> list[Any]:
    return list(entries(from_json(EvaluatorSource, {"name": "it", **keys}), row))


def holds(entry: Any, answer: str) -> bool:
    expectation, problems = read(entry)
    assert problems == ()
    assert expectation is not None
    return check(expectation, Completion(answer, 0, 0)).status == "pass"


@pytest.mark.parametrize(
    ("string", "good", "bad"),
    [
        ({"contains": "Refund"}, "your REFUND is on its way", "your money"),
        ({"startsWith": "Dear"}, "\n dear Ada", "My dear"),
        ({"endsWith": "Bye."}, "So bye.\n", "Bye. Ada"),
        ({"equals": "yes"}, " yes\n", "Yes"),
        ({"equals": " yes\n"}, "yes", "yes yes"),
        ({"matches": "INT-[0-9]{3}"}, "see INT-123.", "see int-123."),
        ({"contains": "{{ team }}"}, "to Cards", "to loans"),
        ({"equals": "{{expected.text}}"}, "a.b", "axb"),
        ({"matches": "^{{ expected.text }}$"}, "a.b", "axb"),
        ({"equals": "{{ expected.n }}"}, "5", "6"),
        ({"equals": "{{ expected.lines.0.n }}"}, "1", "2"),
        ({"startsWith": "(a|b) $5.00? [x]"}, "(A|B) $5.00? [X]", "(a|b) $5x00?"),
    ],
    ids=str,
)
def test_a_text_is_asked_as_github_asks(string: Any, good: str, bad: str) -> None:
    (entry,) = made(string=string)
    assert holds(entry, good)
    assert not holds(entry, bad)


def test_every_key_of_a_text_is_asked() -> None:
    assert (
        len(made(string={"contains": "a", "startsWith": "b", "endsWith": "c", "equals": "d", "matches": "e"}))
        == 5
    )


@pytest.mark.parametrize("string", [{"equals": " \n"}, {"startsWith": " "}, {"endsWith": "\n"}])
def test_a_text_of_white_space_asks_nothing_and_is_refused(string: Any) -> None:
    (entry,) = made(string=string)
    assert read(entry)[1][0].code == "SUI007"


@pytest.mark.parametrize(
    ("rule", "entry"),
    [
        ({"path": "team", "equals": "{{ expected.team }}"}, {"path": "$.team", "equals": "cards"}),
        ({"path": "$['a b']", "in": ["{{ team }}", 2]}, {"path": "$['a b']", "in": ["cards", 2]}),
        ({"path": "[0].n", "equals": "{{ expected.lines }}"}, {"path": "$[0].n", "equals": [{"n": 1}]}),
        ({"path": "a", "matches": "{{ expected.text }}"}, {"path": "$.a", "matches": r"a\.b"}),
        ({"path": "a", "equals": {"b": "{{ expected.n }} times"}}, {"path": "$.a", "equals": {"b": "5 times"}}),
        ({"path": "a", "equals": None}, {"path": "$.a", "equals": None}),
    ],
    ids=str,
)  # fmt: skip
def test_a_place_in_json_is_asked_with_the_row_s_own_values(rule: Any, entry: Any) -> None:
    assert made(json=rule) == [{"json": entry}]


def test_a_schema_is_asked() -> None:
    assert made(jsonSchema="output") == [{"is-json": "output"}]
    assert made(jsonSchema={"type": "array"}) == [{"is-json": {"type": "array"}}]


def test_what_github_asks_of_a_model_is_asked_of_a_judge() -> None:
    (entry,) = made(uses="github/relevance")
    assert (list(entry), entry["threshold"]) == (["g-eval", "threshold"], 0.125)
    assert made(uses="github/beauty") == []
    choices = [{"choice": "None", "score": 1}, {"choice": "none ", "score": 0.5}]
    (entry,) = made(llm={"prompt": "Is {{completion}} about {{ team }}?", "choices": choices})
    assert entry["llm-choice"]["question"] == "Is (the ANSWER) about cards?"
    assert entry["llm-choice"]["choices"] == [
        {"choice": "none", "score": 1.0},
        {"choice": "none of these", "score": 0.0},
    ]
    assert read(entry)[1] == ()


def test_an_answer_named_in_the_row_does_not_take_the_answers_place() -> None:
    choices = [{"choice": "yes", "score": 1}, {"choice": "no", "score": 0}]
    (entry,) = made({"completion": "x"}, llm={"prompt": "{{completion}}", "choices": choices})
    assert entry["llm-choice"]["question"] == "(the ANSWER)"


@pytest.mark.parametrize(
    "slot", ["nothing", "expected.nothing", "expected.lines.9", "expected.text.x", "team.x"]
)
def test_a_slot_without_a_value_is_told_by_its_name(slot: str) -> None:
    with pytest.raises(MissingError) as missing:
        made(string={"contains": f"{{{{ {slot} }}}}"})
    assert str(missing.value) == slot


def test_what_an_evaluator_wants_to_know_is_seen_in_all_its_keys() -> None:
    source = {"name": "a", "llm": {"prompt": "{{completion}} {{expected.x}}", "choices": []}}
    assert slots(from_json(EvaluatorSource, source)) == ("expected.x",)


def test_expected_is_compared_key_by_key_or_whole() -> None:
    keys = {"a": 1, "b c": {"d": 2}, "it's": None}
    assert list(entries_of_expected(keys)) == [
        {"json": {"path": "$.a", "equals": 1}},
        {"json": {"path": "$['b c']", "equals": {"d": 2}}},
        {"json": {"path": '$["it\'s"]', "equals": None}},
    ]
    (text,) = entries_of_expected("yes.")
    assert holds(text, "yes.\n")
    assert not holds(text, "yes!")
    (other,) = entries_of_expected([1, 2])
    assert holds(other, "[1,2]")


@given(TEXTS)
def test_any_text_equals_itself_and_nothing_longer(text: str) -> None:
    (entry,) = entries_of_expected(text)
    assert holds(entry, f" {text}\n")
    assert not holds(entry, f"{text}x{text}")


@given(TEXTS, st.text(max_size=5))
def test_any_text_begins_contains_and_ends_itself(text: str, other: str) -> None:
    for key, answer in (
        ("startsWith", text.lstrip(BLANK) + other),
        ("endsWith", other + text.rstrip(BLANK)),
        ("contains", other + text + other),
    ):
        (entry,) = made({}, string={key: text.replace("{{", "{")})
        assert holds(entry, answer.replace("{{", "{"))
