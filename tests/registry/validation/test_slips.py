"""What a writer meant by a file that cannot be read: every answer was read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.parse import read_yaml
from registry.validation.slips import slips

PROMPT = """\
promptyard: 1
description: Answers.
messages:
  - role: system
    content: |
      You answer.
{}
  - role: user
    content: hi
"""


def mended(source: str) -> str:
    rows = source.split("\n")
    for slip in slips(source):
        rows[slip.row : slip.row + len(slip.rows)] = slip.rows
    return "\n".join(rows)


def content(source: str) -> str:
    document, _ = read_yaml("a", source.encode())
    assert document is not None
    text: str = document.data["messages"][0]["content"]
    return text


@pytest.mark.parametrize(
    "stray",
    ["Be kind.", "   Be kind.", "    Be kind.", "     Be\n      kind", "    - one\n    - two", "Be kind.\nBe short.",
     "    {{ ticket }}", "    {% if x %}\n    a\n    {% endif %}", "    * star", '    "quoted" text', "    @you",
     "Note: be kind", "    # Rules\n      more"],
)  # fmt: skip
def test_text_that_left_its_block_goes_back_into_it(stray):
    source = PROMPT.format(stray)
    assert {slip.code for slip in slips(source)} == {"TXT004"}
    assert content(mended(source)).split() == ["You", "answer.", *stray.split()]


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("a: Note: do # why", "Note: do"),
        ("a: @x", "@x"),
        ("a: {{ x }}", "{{ x }}"),
        ("a: 'it's'", "it's"),
        ('a: "x" y', '"x" y'),
        ("a: 'x", "x"),
        ("a: - x", "- x"),
        ("a: {% if x %}", "{% if x %}"),
    ],
)
def test_a_value_that_needs_quotes_gets_them(wrong, value):
    (slip,) = slips(wrong)
    assert slip.code == "TXT003"
    document, _ = read_yaml("a", mended(wrong).encode())
    assert document is not None
    assert document.data == {"a": value}


def test_a_comment_behind_the_value_stays_one():
    assert mended("a: Note: do  # why") == 'a: "Note: do"  # why'


def test_variables_between_braces_are_quoted_where_they_stand():
    assert mended("- {role: user, content: {{ x }}}") == '- {role: user, content: "{{ x }}"}'


def test_a_colon_without_its_space_gets_it():
    assert mended("model:models/chat\nowner: a") == "model: models/chat\nowner: a"


def test_several_slips_are_told_together():
    assert [slip.row for slip in slips("a: b: c\nd: @x\ne:f\ng: h")] == [0, 1, 2]


@pytest.mark.parametrize("source", ["a: [b", "a: {b: c: d}", "a: x\n\tb: c", PROMPT.format("   role: user")])
def test_what_cannot_be_known_is_not_guessed(source):
    assert slips(source) == ()


@pytest.mark.parametrize("source", ["a: 1\n", PROMPT.format("      Be kind.")])
def test_a_file_that_can_be_read_has_none(source):
    assert slips(source) == ()


@given(st.text(alphabet="ab:-|>{}[]'\" \n#@%", max_size=60))
def test_whatever_is_told_makes_the_file_readable(source):
    if slips(source):
        assert read_yaml("a", mended(source).encode())[0] is not None
