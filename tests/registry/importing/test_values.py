"""Schemas made of values let those values through."""

from __future__ import annotations

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.values import completed, shared_schema, widened

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1, max_size=4))
def test_every_value_fits_the_schema_that_they_share(values: list[object]) -> None:
    schema = shared_schema(values)
    assert all(jsonschema_rs.is_valid(schema, value) for value in values)


def test_a_bound_gives_way_only_where_a_value_needs_it() -> None:
    inputs = {
        "a": {"type": "string", "maxLength": 4},
        "b": {"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 9}},
    }
    wider, notes = widened(inputs, [{"a": "abcdef", "b": ["x"]}])
    assert wider["a"]["maxLength"] == 10
    assert wider["b"] == inputs["b"]
    assert [note.what for note in notes] == ["input a"]


def test_a_use_fills_in_what_a_schema_leaves_open() -> None:
    use = {"type": "object", "properties": {"p": {"type": "string"}}}
    assert completed({}, use) == {**use, "required": ["p"]}
    assert completed({"type": "array"}, {"type": "array", "items": use})["items"]["required"] == ["p"]
    assert completed({"type": "object", "properties": {"q": {}}}, use)["properties"] == {"q": {}}
    assert completed({"type": "string"}, use) == {"type": "string"}
