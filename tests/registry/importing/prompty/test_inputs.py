"""What a Prompty file declares of its inputs, in all the forms that it may take."""

import pytest

from registry.importing.prompty.inputs import declared_inputs


@pytest.mark.parametrize(
    ("written", "schema"),
    [
        (
            {"x": {"type": "string", "default": "a", "description": "D"}},
            {"type": "string", "default": "a", "description": "D"},
        ),
        ([{"name": "x", "kind": "float"}], {"type": "number"}),
        ({"properties": [{"name": "x", "kind": "integer"}]}, {"type": "integer"}),
        ({"x": {"type": "List"}}, {"type": "array"}),
        (
            {"x": {"kind": "array", "items": {"kind": "string"}}},
            {"type": "array", "items": {"type": "string"}},
        ),
        ({"x": {"kind": "string", "enumValues": ["a", "b"]}}, {"type": "string", "enum": ["a", "b"]}),
        ({"x": {"type": "string", "sample": "s"}}, {"type": "string", "examples": ["s"]}),
        ({"x": {"type": "string", "optional": True}}, {"type": "string", "default": ""}),
        ({"x": {"type": "string", "is_required": False}}, {"type": "string", "default": ""}),
        ({"x": "Jane"}, {"type": "string", "default": "Jane"}),
        ({"x": 3}, {"type": "number", "default": 3}),
        ({"x": "string"}, {"type": "string"}),
        (
            {"x": {"Jane": 1}},
            {"type": "object", "properties": {"Jane": {"type": "number"}}, "default": {"Jane": 1}},
        ),
        (["x"], {}),
        ({"x": None}, {}),
    ],
)
def test_a_declaration_is_a_schema(written, schema):
    assert declared_inputs(written).schemas == {"x": schema}


@pytest.mark.parametrize("kind", ["thread", "image", "file", "audio"])
def test_rich_kinds_are_told_apart(kind):
    assert declared_inputs([{"name": "x", "kind": kind}]).rich == {"x": kind}


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("words", "fault"),
        ([{"kind": "string"}], "fault"),
        ({"x": {"type": "datetime"}}, "changed"),
        ({"x": {"type": "string", "colour": 1}}, "lost"),
    ],
)
def test_what_cannot_be_read_is_told(written, level):
    assert [note.level for note in declared_inputs(written).notes] == [level]


def test_an_object_has_its_properties():
    written = {
        "x": {
            "kind": "object",
            "properties": [{"name": "a", "kind": "string"}, {"name": "b", "kind": "boolean"}],
        }
    }
    assert declared_inputs(written).schemas["x"] == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "boolean"}},
        "required": ["a", "b"],
    }
