from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.engines.template import Filling, NotAForm, closes, form_of

TRIAGE = {
    "type": "object",
    "properties": {
        "team": {"enum": ["cards", "transfers"]},
        "why": {"type": "string"},
        "sure": {"type": "boolean"},
        "place": {"type": "object", "properties": {"city": {"type": "string"}, "floor": {"type": "integer"}}},
        "version": {"const": 1},
    },
}


def filled(*said: str, schema: object = None) -> str:
    filling = Filling(form_of(schema or TRIAGE))  # type: ignore[arg-type]
    rest = list(said)
    while (step := filling.step()) is not None:
        text = rest.pop(0)
        assert "choose" not in step or text in step["choose"]
        filling.take(text, whole=True)
    assert not rest
    return filling.written


def test_a_schema_becomes_fixed_text_choices_and_gaps() -> None:
    assert form_of(TRIAGE) == [
        {"write": '{"team": '},
        {"choose": ['"cards", "why": "', '"transfers", "why": "']},
        {"fill": "string", "then": '", "sure": '},
        {"choose": ['true, "place": {"city": "', 'false, "place": {"city": "']},
        {"fill": "string", "then": '", "floor": '},
        {"fill": "integer", "then": '}, "version": 1}'},
    ]


def test_what_the_model_says_goes_into_the_gaps_and_no_further() -> None:
    form = form_of(TRIAGE)
    answer = filled(form[1]["choose"][1], 'lost", "team": "cards"', form[3]["choose"][0], "Graz\n", " 3rd")
    assert json.loads(answer) == {
        "team": "transfers",
        "why": "lost",
        "sure": True,
        "place": {"city": "Graz\n", "floor": 3},
        "version": 1,
    }


@given(st.text(), st.text())
def test_whatever_is_said_in_a_text_the_answer_is_json(one: str, two: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    assert set(json.loads(filled(one, two, schema=schema))) == {"a", "b"}


@given(st.text())
def test_a_text_that_is_written_as_json_comes_back_as_it_was(text: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert json.loads(filled(json.dumps(text)[1:] + "}", schema=schema))["a"] == text


@pytest.mark.parametrize(
    ("said", "number"), [("12}", "12"), (" -3.5e2, ", "-3.5e2"), ("many", ""), ("1.x", "1")]
)
def test_a_number_ends_where_it_ends_and_none_stays_visible(said: str, number: str) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "number"}}}
    assert filled(said, schema=schema) == f'{{"n": {number}}}'


def test_a_token_closes_a_text_only_with_a_quote_that_is_not_escaped() -> None:
    assert [closes(token) for token in ('"', 'ing"', '",', '\\"', '\\\\"', "x", '\\"}"')] == [
        True, True, True, False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "string"}, "an object with properties"),
        ({"type": "object"}, "an object with properties"),
        (
            {"type": "object", "properties": {"list": {"type": "array", "items": {}}}},
            "because list is no text",
        ),
        ({"type": "object", "properties": {"open": {}}}, "because open is no text"),
    ],
)
def test_a_schema_that_leaves_the_shape_open_is_no_form(schema: dict[str, object], why: str) -> None:
    with pytest.raises(NotAForm, match=why):
        form_of(schema)
