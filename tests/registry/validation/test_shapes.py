"""What a schema lets a value be at most."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.validation import shapes
from registry.validation.shapes import Unbounded, of_input, of_value, union

TEXT = {"type": "string", "maxLength": 10}


@pytest.mark.parametrize(
    ("schema", "printed"),
    [
        (TEXT, 10),
        ({"type": "boolean"}, 5),
        ({"type": "number", "minimum": 0, "maximum": 1}, 25),
        ({"type": "integer"}, 4301),
        ({"enum": ["low", "normal"]}, 6),
        ({"const": "en"}, 2),
        ({"type": ["string", "null"], "maxLength": 7}, 7),
        ({"anyOf": [TEXT, {"type": "boolean"}]}, 10),
        ({"oneOf": [{"const": "none"}, {"type": "string", "maxLength": 3}]}, 4),
        ({"allOf": [{"type": "string"}, {"maxLength": 4}]}, 4),
        ({"type": "string"}, Unbounded("x", "maxLength")),
        ({"type": "string", "pattern": "^a$"}, Unbounded("x", "maxLength")),
        ({}, Unbounded("x", "type")),
        ({"anyOf": [TEXT, {"type": "string"}]}, Unbounded("x", "maxLength")),
        ({"type": "array", "items": TEXT}, 0),
    ],
)
def test_the_longest_print_is_read_from_the_schema(schema, printed):
    assert of_input("x", schema).printed == printed


def test_a_list_knows_its_count_and_its_item():
    shape = of_input("x", {"type": "array", "items": TEXT, "maxItems": 3})
    assert (shape.count, shape.item.printed, shape.item.path) == (3, 10, "x[]")
    assert shape.loopable
    assert not shape.printable
    assert of_input("x", {"type": "array"}).count == Unbounded("x", "maxItems")


def test_an_object_is_as_long_as_its_properties():
    closed = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"a": TEXT, "bc": {"type": "boolean"}},
    }
    shape = of_input("x", closed)
    assert (shape.count, shape.item.printed) == (2, 2)
    assert shape.properties["a"].path == "x.a"
    loose = of_input("x", closed | {"additionalProperties": True})
    assert loose.count == Unbounded("x", "maxProperties")
    assert loose.as_json == Unbounded("x", "additionalProperties: false")


def test_what_may_be_text_is_not_looped_over():
    assert not of_input("x", TEXT).loopable
    assert not of_input("x", {"type": ["array", "string"], "maxItems": 1, "maxLength": 1}).loopable
    assert not of_input("x", {"type": "null"}).loopable
    assert of_input("x", {"type": ["array", "null"], "maxItems": 1}).loopable


def test_either_of_two_shapes_is_as_large_as_the_larger():
    both = union(of_input("a", TEXT), of_value([1, 2]))
    assert both.kinds == {"string", "array"}
    assert (both.printed, both.count, both.roots) == (10, 2, {"a"})


def test_what_no_schema_describes_breaks_no_rule():
    assert shapes.UNKNOWN.printable
    assert shapes.UNKNOWN.loopable
    assert shapes.UNKNOWN.numeric
    assert union(shapes.UNKNOWN, of_value(1)) is shapes.UNKNOWN


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_no_json_of_a_value_is_longer_than_its_shape_says(value):
    size = of_value(value).as_json
    assert isinstance(size, int)
    assert len(json.dumps(value, ensure_ascii=False)) <= size


@given(VALUES, VALUES)
def test_a_union_holds_both(one, other):
    both = union(of_value(one), of_value(other))
    for value in (one, other):
        assert len(json.dumps(value, ensure_ascii=False)) <= both.as_json
