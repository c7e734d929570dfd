from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.tool_calls import Call, calls_of
from registry.evaluation.records import Called, Completion


def calls(text: str) -> list[Call]:
    return calls_of(Completion(text, 1, 1), text)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('{"tool_calls": [{"id": "1", "function": {"name": "search", "arguments": "{}"}}]}', "{}"),
        ('[{"function": {"name": "search", "arguments": "{}"}}]', "{}"),
        ('{"type": "tool_use", "name": "search", "input": {"q": 1}}', {"q": 1}),
        ('[{"type": "text", "text": "So"}, {"type": "tool_use", "name": "search", "input": {}}]', {}),
        ('{"functionCall": {"name": "search", "args": {"q": 1}}}', {"q": 1}),
        ('{"toolCall": {"functionCalls": [{"name": "search", "args": {}}]}}', {}),
        ('[{"name": "search", "arguments": {}}]', {}),
        ('I look it up.\n{"type": "tool_use", "name": "search", "input": {}}\nDone.', {}),
    ],
)
def test_calls_are_read_in_every_providers_form(text: str, arguments: object) -> None:
    assert calls(text) == [Call("search", arguments)]


@pytest.mark.parametrize(
    "text", ["", "search", "{}", "[]", '{"name": "Ann"}', '[{"name": 5}]', "[1]", "null"]
)
def test_what_is_no_call_is_none(text: str) -> None:
    assert calls(text) == []


def test_the_engines_own_calls_win() -> None:
    answer = Completion('[{"name": "other"}]', 1, 1, tool_calls=(Called("1", "search", {"q": 1}),))
    assert calls_of(answer, answer.text) == [Call("search", {"q": 1})]


JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from(["search", "tool_use"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "type", "function", "tool_calls", "functionCall", "toolCall", "functionCalls"]
            ),
            inner,
            max_size=3,
        )
    ),
)


@given(JSON)
def test_no_json_breaks_the_reader(value: object) -> None:
    import json

    assert all(isinstance(call.name, str) for call in calls(json.dumps(value)))
