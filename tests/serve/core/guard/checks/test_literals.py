from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("A FULL  refund please", "A [X] please"),
        ("full\nrefund", "[X]"),
        ("i’ve refunded, I've refunded", "[X], [X]"),
        ("refund refund", "[X] [X]"),
        ("refunds are refundable", "refunds are refundable"),
        ("prerefund _refund", "prerefund _refund"),
        ("(refund)", "([X])"),
        ("re\u200bfund ｒｅｆｕｎｄ", "[X] [X]"),
    ],
)
def test_phrases_are_found_as_people_write_them(rule, guard, text: str, out: str) -> None:
    phrases = {"any": ["refund", "full refund", "I've refunded"]}
    assert guard(rule("literals", phrases, **{"with": "[X]"})).check(text, "output").text == out


def test_parts_of_words_and_exact_case_are_options(rule, guard) -> None:
    one = guard(rule("literals", {"any": ["<|im_start|>", "SYS"], "wholeWords": False, "ignoreCase": False}))
    assert one.check("a<|im_start|>b", "output").hits
    assert one.check("xSYSx", "output").hits
    assert not one.check("xsysx", "output").hits


def test_an_escaped_line_break_is_a_blank_between_two_words(rule, guard) -> None:
    one = guard(rule("literals", {"any": ["we will refund you"]}))
    assert not one.check(r'{"t": "Yes,\nwe will\nrefund you\n"}', "output").passed
