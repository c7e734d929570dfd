from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core.payloads import SCHEMA_RULES
from serve.core.payloads.structured import schema_faults

GOOD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["team"],
    "properties": {"team": {"type": "string"}},
}


def faults(provider, schema):
    return [
        ("/".join(map(str, fault.steps)), fault.problem)
        for fault in schema_faults(schema, SCHEMA_RULES[provider])
    ]


@pytest.mark.parametrize("provider", SCHEMA_RULES)
def test_a_closed_object_with_every_property_required_is_portable(provider):
    assert faults(provider, GOOD) == []


def test_openai_wants_one_closed_object_with_every_property_required():
    loose = {"type": "object", "properties": {"a": {"type": "object", "properties": {}}}}
    assert faults("openai", loose) == [
        ("", "an object is open"),
        ("properties/a", "the property a is not required"),
        ("properties/a", "an object is open"),
    ]
    assert faults("openai", {"anyOf": [GOOD]}) == [("", "the whole answer is not one object")]
    assert faults("openai", {"type": "array", "items": GOOD}) == [("", "the whole answer is not one object")]


def test_an_object_that_names_other_keys_is_open():
    assert faults("anthropic", {"type": ["object", "null"], "additionalProperties": {"type": "string"}}) == [
        ("additionalProperties", "an object is open")
    ]


@pytest.mark.parametrize(
    ("provider", "schema", "keyword"),
    [
        ("openai", {"type": "string", "maxLength": 3}, "maxLength"),
        ("openai", {"allOf": [{"type": "string"}]}, "allOf"),
        ("anthropic", {"type": "integer", "minimum": 1}, "minimum"),
        ("bedrock", {"type": "array", "maxItems": 3}, "maxItems"),
        ("gemini", {"type": "string", "pattern": "a"}, "pattern"),
        ("gemini", {"const": 1}, "const"),
    ],
)
def test_a_keyword_that_it_does_not_know_is_told_with_its_place(provider, schema, keyword):
    whole = {**GOOD, "properties": {"team": schema}}
    assert (f"properties/team/{keyword}", f"{keyword} is not among the keywords it knows") in faults(
        provider, whole
    )


def test_a_property_may_be_called_like_a_keyword():
    named = {**GOOD, "required": ["maxLength"], "properties": {"maxLength": {"type": "integer"}}}
    assert faults("openai", named) == []


def test_anthropic_knows_min_items_of_one_at_most():
    assert faults("anthropic", {"type": "array", "minItems": 1}) == []
    assert faults("anthropic", {"type": "array", "minItems": 2}) == [
        ("minItems", "minItems can be 1 at most")
    ]


def test_a_schema_that_refers_to_itself():
    tree = {**GOOD, "properties": {"team": {"$ref": "#"}}}
    assert faults("anthropic", tree) == [("properties/team/$ref", "the schema refers to itself")]
    assert faults("openai", tree) == []
    beside = {**GOOD, "properties": {"team": {"$ref": "#/$defs/name"}}, "$defs": {"name": {"type": "string"}}}
    assert faults("anthropic", beside) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "items", "anyOf", "required", "$ref", "minItems", "x"]),
            inner,
        )
    ),
)


@given(JSON, st.sampled_from(sorted(SCHEMA_RULES)))
def test_whatever_stands_in_a_schema_there_is_an_answer(schema, provider):
    for fault in schema_faults(schema, SCHEMA_RULES[provider]):
        assert fault.problem
        assert fault.advice
