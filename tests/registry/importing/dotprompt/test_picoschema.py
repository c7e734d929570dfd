"""Picoschema becomes JSON Schema; what it does not know is told and allows anything."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.dotprompt.picoschema import to_json_schema

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ({"a": "string"}, {"properties": {"a": {"type": "string"}}, "required": ["a"]}),
        ({"a?": "integer, how many"}, {"properties": {"a": {"type": ["integer", "null"], "description": "how many"}}}),
        (
            {"a(array, some, with a comma)": "number"},
            {
                "properties": {
                    "a": {"type": "array", "items": {"type": "number"}, "description": "some, with a comma"}
                },
                "required": ["a"],
            },
        ),
        (
            {"a(enum, one (of) two)": ["x", "y"]},
            {"properties": {"a": {"enum": ["x", "y"], "description": "one (of) two"}}, "required": ["a"]},
        ),
        ({"a?(enum)": ["x"]}, {"properties": {"a": {"enum": ["x", None]}}}),
        ({"a": "any, whatever"}, {"properties": {"a": {"description": "whatever"}}, "required": ["a"]}),
        ({"(*)": "string"}, {"properties": {}, "additionalProperties": {"type": "string"}}),
    ],
)  # fmt: skip
def test_each_form_has_its_schema(written: object, wanted: dict[str, object]) -> None:
    schema, notes = to_json_schema(written, "input")
    assert schema == {"type": "object", "additionalProperties": False, **wanted}
    assert notes == ()


def test_objects_nest_with_and_without_the_word() -> None:
    schema, _ = to_json_schema({"a": {"b": "string"}, "c?(object, d)": {"e?": "boolean"}}, "input")
    assert schema["properties"]["a"]["required"] == ["b"]
    assert schema["properties"]["c"]["type"] == ["object", "null"]
    assert schema["properties"]["c"]["description"] == "d"


@pytest.mark.parametrize(
    "written", [{"type": "object", "properties": {}}, {"type": "string"}, {"type": ["string", "null"]}]
)
def test_json_schema_stays_as_it_is(written: dict[str, object]) -> None:
    assert to_json_schema(written, "input") == (written, ())


def test_properties_alone_are_json_schema_too() -> None:
    assert to_json_schema({"properties": {"a": {}}}, "input")[0] == {
        "properties": {"a": {}},
        "type": "object",
    }


@pytest.mark.parametrize(
    ("written", "level", "what"),
    [
        ({"a": "Recipe"}, "lost", "input.a"),
        ({"a": 5}, "fault", "input.a"),
        ({"a(set)": "string"}, "fault", "input.a"),
        ({"a(enum)": "x"}, "fault", "input.a"),
        (7, "fault", "input"),
    ],
)
def test_what_cannot_be_read_is_told(written: object, level: str, what: str) -> None:
    _, notes = to_json_schema(written, "input")
    assert [(note.level, note.what) for note in notes] == [(level, what)]


@given(JSON)
def test_any_value_gives_a_schema_or_a_note(value: object) -> None:
    schema, notes = to_json_schema(value, "input")
    looks_like_json_schema = isinstance(value, dict) and ("type" in value or "properties" in value)
    if not looks_like_json_schema:
        jsonschema_rs.Draft7Validator(schema)
    assert isinstance(notes, tuple)
