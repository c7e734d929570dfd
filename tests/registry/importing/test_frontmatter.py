"""Head and body of a text file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.frontmatter import Parts, split


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("body", Parts(None, 1, "body", 1)),
        ("", Parts(None, 1, "", 1)),
        ("---\na: 1\n---\nbody\n", Parts("a: 1", 2, "body\n", 4)),
        ("\ufeff\n---  \na: 1\n---\nb", Parts("a: 1", 3, "b", 5)),
        ("---\n---\nb", Parts("", 2, "b", 3)),
        ("---\r\na: 1\r\n---\r\nb\r\n", Parts("a: 1", 2, "b\n", 4)),
        ("---\na: 1\nb", Parts(None, 1, "---\na: 1\nb", 1, open=True)),
        ("text\n---\na: 1\n---\n", Parts(None, 1, "text\n---\na: 1\n---\n", 1)),
        ("----\na\n----\n", Parts(None, 1, "----\na\n----\n", 1)),
        ("---\na: b---c\n---\nd\n---\ne", Parts("a: b---c", 2, "d\n---\ne", 4)),
    ],
)
def test_a_head_stands_between_the_first_two_fences(text: str, parts: Parts) -> None:
    assert split(text) == parts


@given(st.text("-a \n", max_size=40))
def test_no_character_is_lost(text: str) -> None:
    parts = split(text)
    assert parts.body in text
    if parts.head is not None:
        assert text.lstrip(" \n").startswith("---")
        assert text.split("\n")[parts.body_line - 1 :] == parts.body.split("\n")
