"""What looks like a variable is told with its line, and ordinary text is not."""

from __future__ import annotations

import pytest

from registry.importing.gaps import unfilled


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hello {name}", ["{name}"]),
        ("Hello ${name} and $ARGUMENTS", ["${name}, $ARGUMENTS"]),
        ("{% if x %} {{ x | upper }}", ["{% if x %}, {{ x | upper }}"]),
        ("<your name> <TOPIC>", ["<your name>, <TOPIC>"]),
        ("{a} {b} {c} {d} {e} {f} {g}", ["{a}, {b}, {c}, {d}, {e} and 2 more"]),
        ('{"a": 1} {1, 2} {{ name }} \\frac{a}{b} <b>x</b> <br> <doc>y</doc> $5 x<y', ["{b}"]),
    ],
)
def test_gaps_are_told(text: str, told: list[str]) -> None:
    assert [note.what for note in unfilled(text, 1)] == told


def test_the_line_is_that_of_the_first_one_in_the_file() -> None:
    assert unfilled("a\nb {x}\n{y}", 10)[0].line == 11


def test_arguments_by_number_are_told_in_commands_alone() -> None:
    assert unfilled("costs $5", 1) == []
    assert [note.what for note in unfilled("fix $1", 1, numbered=True)] == ["$1"]
