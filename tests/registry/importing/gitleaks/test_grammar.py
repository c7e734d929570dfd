from __future__ import annotations

import pytest

from registry.importing.gitleaks.grammar import Choice, Line, Sign, Times, taken_apart


def only(pattern: str) -> object:
    part = taken_apart(pattern)
    assert isinstance(part, Line)
    (inner,) = part.parts
    return inner


@pytest.mark.parametrize(
    ("pattern", "pool"),
    [
        ("[abc]", "abc"),
        ("[a-d]", "abcd"),
        ("[]a]", "]a"),
        (r"[\d_]", "0123456789_"),
        ("[[:digit:]]", "0123456789"),
        (r"\d", "0123456789"),
        (r"\.", "."),
        (r"\x60", "`"),
        (r"\x{41}", "A"),
        (r"[a\-z]", "a-z"),
    ],
)
def test_a_sign_knows_what_it_can_be(pattern: str, pool: str) -> None:
    assert only(pattern) == Sign(pool)


def test_a_negated_set_is_what_can_be_printed_without_it() -> None:
    part = only("[^a-z]")
    assert isinstance(part, Sign)
    assert "a" not in part.pool
    assert "A" in part.pool


def test_a_quantifier_tells_how_often_and_where_it_stands() -> None:
    assert only("ab"[:1] + "{2,5}") == Times(Sign("a"), 2, 5, 0, 1, 6)
    assert only("(?:a|b)*?") == Times(Choice((Line((Sign("a"),)), Line((Sign("b"),)))), 0, None, 0, 7, 9)


@pytest.mark.parametrize("pattern", [r"\b", "^", "$", "(?i)", r"\z"])
def test_what_stands_for_a_place_is_empty(pattern: str) -> None:
    assert only(pattern) == Line(())


def test_flags_and_names_of_groups_are_no_part_of_the_text() -> None:
    assert only("(?P<name>a)") == Line((Sign("a"),))
    assert only("(?i:a)") == Line((Sign("a"),))
