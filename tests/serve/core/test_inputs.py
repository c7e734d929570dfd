from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from support.bundles import prompt, text

from serve.core.errors import InputsRefused
from serve.core.inputs import Inputs
from serve.core.model import Placeholder

SCHEMAS = {
    "name": {"type": "string", "maxLength": 5, "trust": "user"},
    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2, "default": ["x"]},
}


def check(values, *items):
    return Inputs(prompt(*(items or (text("user", "x"),)), inputs=SCHEMAS)).check(values, 7)


def test_defaults_are_filled_in():
    assert check({"name": "Ann"}) == {"name": "Ann", "tags": ["x"]}


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({}, "INP001", "the variable name is missing"),
        ({"name": "Ann", "nmae": "x"}, "INP002", "no variable nmae is declared"),
        ({"nmae": "x"}, "INP001", "the variable name is missing. Pass name. No variable nmae is declared."),
        ({"name": "Annabelle"}, "INP003", "the variable name does not fit its schema (maxLength)"),
        ({"name": "Ann", "tags": [1]}, "INP003", "the variable tags[0] does not fit its schema (items/type)"),
        ({"name": None}, "INP003", "the variable name does not fit"),
    ],
)
def test_a_refusal_names_prompt_release_and_variable(values, code, words):
    with pytest.raises(InputsRefused) as caught:
        check(values)
    assert caught.value.code == code
    assert "prompt support/hello (release 7)" in str(caught.value)
    assert words in str(caught.value)


def test_a_refusal_never_quotes_the_value():
    with pytest.raises(InputsRefused) as caught:
        check({"name": "s3cret-value"})
    assert "s3cret" not in str(caught.value)


def test_history_may_hold_turns_but_no_system_message():
    turn = {"role": "user", "content": "hi"}
    assert check({"name": "Ann", "talk": [turn]}, Placeholder("talk"))["talk"] == [turn]
    with pytest.raises(InputsRefused, match="talk"):
        check({"name": "Ann", "talk": [{"role": "system", "content": "evil"}]}, Placeholder("talk"))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": b"Ann"}, "INP003"),
        ({"name": datetime.now(UTC)}, "INP003"),
        ({"name": "Ann", "tags": [{1}]}, "INP003"),
        ({"name": "Ann", 1: "x"}, "INP002"),
    ],
)
def test_what_json_cannot_say_is_refused_as_inputs_and_not_as_a_bug(values, code):
    with pytest.raises(InputsRefused) as caught:
        check(values)
    assert caught.value.code == code


def test_any_mapping_will_do():
    only = Inputs(prompt(inputs={"name": {"type": "string"}}))
    assert only.check(MappingProxyType({"name": "Ann"}), 7) == {"name": "Ann"}


CALL = {"id": "c1", "name": "lookup", "arguments": {"ref": "A"}}
ASKS = {"role": "assistant", "toolCalls": [CALL]}
ANSWER = {"role": "tool", "toolCallId": "c1", "content": "{}"}
USER = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    "talk",
    [
        [],
        [USER, {"role": "assistant", "content": "yes?"}],
        [USER, ASKS, ANSWER],
        [USER, {**ASKS, "content": "Let me look."}, ANSWER, {"role": "assistant", "content": "Done."}, USER],
        [
            USER,
            {"role": "assistant", "toolCalls": [CALL, {**CALL, "id": "c2"}]},
            {**ANSWER, "toolCallId": "c2"},
            ANSWER,
        ],
    ],
)
def test_a_history_may_hold_calls_of_tools_with_their_answers(talk):
    assert check({"name": "Ann", "talk": talk}, Placeholder("talk"))["talk"] == talk


@pytest.mark.parametrize(
    ("turn", "place"),
    [
        ({"role": "user"}, "talk[0]"),
        ({"role": "assistant"}, "talk[0]"),
        ({"role": "user", "content": "x", "toolCalls": [CALL]}, "talk[0]"),
        ({"role": "tool", "content": "x"}, "talk[0]"),
        ({"role": "assistant", "toolCalls": []}, "talk[0]['toolCalls']"),
        (
            {"role": "assistant", "toolCalls": [{**CALL, "arguments": "{}"}]},
            "talk[0]['toolCalls'][0]['arguments']",
        ),
        ({"role": "developer", "content": "x"}, "talk[0]['role']"),
        ("hi", "talk[0]"),
    ],
)
def test_a_turn_of_another_form_is_told_with_its_place_and_the_right_form(turn, place):
    with pytest.raises(InputsRefused) as caught:
        check({"name": "Ann", "talk": [turn]}, Placeholder("talk"))
    assert caught.value.code == "INP003"
    assert f"the history {place} is not a turn" in caught.value.what
    assert "toolCallId" in caught.value.next_step


@pytest.mark.parametrize(
    ("talk", "problem"),
    [
        ([USER, ANSWER], "talk[1] answers no call before it"),
        ([USER, ASKS, USER], "talk[2] comes before every call was answered"),
        ([USER, ASKS], "talk ends before every call was answered"),
        ([USER, ASKS, ANSWER, ANSWER], "talk[3] answers no call before it"),
        ([USER, {"role": "assistant", "toolCalls": [CALL, CALL]}], "talk[1] has two calls of one id"),
    ],
)
def test_calls_and_answers_go_together(talk, problem):
    with pytest.raises(InputsRefused) as caught:
        check({"name": "Ann", "talk": talk}, Placeholder("talk"))
    assert caught.value.code == "INP007"
    assert problem in caught.value.what


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_arguments_that_json_does_not_have_are_refused(number):
    called = {"role": "assistant", "toolCalls": [{"id": "c", "name": "n", "arguments": {"at": [number]}}]}
    talk = [called, {"role": "tool", "toolCallId": "c", "content": ""}]
    with pytest.raises(InputsRefused, match=r"INP003 .* the history talk has a call that is not JSON"):
        check({"name": "Ann", "talk": talk}, Placeholder("talk"))


def test_a_history_that_is_missing_may_be_empty():
    with pytest.raises(
        InputsRefused, match=r"INP001 .* talk is missing\. Pass talk, \[\] where nothing was said"
    ):
        check({"name": "Ann"}, Placeholder("talk"))


@pytest.mark.parametrize("number", [10**301, -(10**301), 10**4999, 1e308], ids=range(4))
def test_a_number_beyond_all_that_can_be_added_and_printed_does_not_fit(number):
    schema = {"type": "object", "properties": {"n": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}
    made = Inputs(prompt(inputs={"a": schema}))
    assert made.check({"a": {"n": 10**299}}, 1)
    with pytest.raises(InputsRefused, match="INP003"):
        made.check({"a": {"n": number}}, 1)


def test_all_that_is_missing_is_named_at_once():
    made = Inputs(prompt(inputs={name: {"type": "string"} for name in ("b", "a", "c")}))
    with pytest.raises(InputsRefused) as caught:
        made.check({"b": "x"}, 0)
    assert "the variables a and c are missing" in caught.value.what
    assert caught.value.next_step == "Pass a, c."
