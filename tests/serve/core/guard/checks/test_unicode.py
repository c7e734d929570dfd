from __future__ import annotations

import pytest

DETECT = {"deny": ["tags", "bidi", "zero_width"], "allow": ["emoji_zwj", "script_joiners"]}
WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        *("👨\u200d👩\u200d👧", "❤️\u200d🔥", WALES, "नमस्\u200dते", "نمی\u200cخواهم", "naïve"),
        *("שלום,\u200f תודה!\u200f", "(\u200fأو\u200f) \u200eABC\u200e هنا", "١٢\u061c/٠٣\u061c/٢٠٢٦"),
        *("สวัสดี\u200bครับ", "សួស្តី\u200bបង", "ສະບາຍດີ\u200bທຸກ", "မင်္ဂလာပါ\u200bခင်ဗျား"),
        *("ᠮᠣᠩᠭᠣᠯ\u180eᠠ", "יְרוּשָׁלַ\u034fִם"),
    ],
)
def test_ordinary_writing_passes(rule, guard, text: str) -> None:
    assert guard(rule("unicode", DETECT)).check(text, "output").passed


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("ig\u200bnore", "ignore"),
        ("a\u200db", "ab"),
        ("hi\U000e0041\U000e0042", "hi"),
        ("\U0001f3f4\U000e0041\U000e0042", "\U0001f3f4"),
        (WALES + "\U000e0041", WALES),
        ("pay \u202e21\u202c", "pay 21"),
        ("\ufeffstart", "start"),
        ("plain\u200f text\u200e", "plain text"),
        ("תודה\u200f\u200e\u200f!", "תודה!"),
        ("תודה, paid twice\u200f", "תודה, paid twice"),
        ("ส\u200b\u200bว", "สว"),
        ("a\u034fb\u180ec", "abc"),
    ],
)
def test_hidden_characters_are_taken_out(rule, guard, text: str, out: str) -> None:
    one = guard(rule("unicode", DETECT, "replace", **{"with": ""}))
    assert one.check(text, "output").text == out
