from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rendering.leaves import leaves

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x", "y"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 2}, ["a 1 → 2"]),
        ({"a": {"b": "x", "c": 1}}, {"a": {"b": "y", "c": 1}}, ["a.b x → y"]),
        ({}, {"a": 5}, ["a added: 5"]),
        ({"a": 5}, {}, ["a removed"]),
        ({"a": "long " * 20}, {"a": "longer " * 20}, ["a changed"]),
        ({"a": "one\ntwo"}, {"a": "one"}, ["a changed"]),
        ({"a": True}, {"a": 1}, ["a true → 1"]),
        ([1, 2], [1, 3], ["value [1, 2] → [1, 3]"]),
        ("x", None, ["value x → null"]),
        (
            {"rules": [{"id": "b", "s": 1}]},
            {"rules": [{"id": "a", "s": 9}, {"id": "b", "s": 2}]},
            ["rules.b.s 1 → 2", 'rules.a added: {"id": "a", "s": 9}'],
        ),
    ],
)
def test_each_leaf_that_differs_is_one_phrase(old, new, expected) -> None:
    assert list(leaves(old, new)) == expected


@given(VALUES)
def test_equal_values_have_no_leaves_to_tell(value) -> None:
    assert list(leaves(value, value)) == []


@given(VALUES, VALUES)
def test_whatever_differs_is_told(old, new) -> None:
    phrases = list(leaves(old, new))
    if phrases:
        assert all("\n" not in phrase and len(phrase) < 200 for phrase in phrases)
    else:
        assert old == new or _sets(old) == _sets(new)


def _sets(value):
    """Named items without their order, which is all that may differ in silence."""
    if isinstance(value, dict):
        return {key: _sets(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(str(_sets(item)) for item in value)
    return value
