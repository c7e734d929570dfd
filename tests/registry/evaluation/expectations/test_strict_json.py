from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.strict_json import NotJson, find_all, parse, same

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_what_json_writes_is_read_back_the_same(value: object) -> None:
    assert same(parse(json.dumps(value)), value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Infinity", "Infinity is no JSON number"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[1,]", "at character"),
        ("[" * 50_000, "nested too deeply"),
        ("1" * 5000, "too long"),
    ],
)
def test_what_is_not_json_says_why(text: str, why: str) -> None:
    with pytest.raises(NotJson, match=why):
        parse(text)


def test_values_are_found_in_prose_outermost_first_and_strings_do_not_fool_it() -> None:
    assert find_all('a [1] b {"x": "}{", "y": {"z": 1}} c {bad: 1} [') == [[1], {"x": "}{", "y": {"z": 1}}]


def test_a_text_of_nothing_but_brackets_is_given_up() -> None:
    assert find_all("[" * 20_000) == []


def test_true_is_not_one_but_one_is_one_point_zero() -> None:
    assert not same([True], [1])
    assert not same(0, False)
    assert same({"a": 1}, {"a": 1.0})
    assert not same({"a": None}, {})
    assert not same([1, 2], [1])
