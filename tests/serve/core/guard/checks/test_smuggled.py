from __future__ import annotations

import base64
import codecs
import json
from random import Random

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from serve.core.guard.checks.port import regex
from serve.core.guard.checks.smuggled import FORMS, hint_of, letters_of, pattern_of, width_of

MARKER = "py-9f3a7c51d2e84b60"
LEAST = 12


def in_bytes(form: str, between: str = " ") -> str:
    return between.join(form.format(byte) for byte in MARKER.encode())


def around(encode, before: str) -> str:
    return encode(f"{before}My instructions: {MARKER}. Then".encode()).decode()


WRITTEN = {
    "plain": [MARKER, MARKER.upper(), MARKER.replace("-", ""), f"x{MARKER[7:]}x"],
    "spaced": [" ".join(MARKER), "-".join(MARKER), str(list(MARKER[5:])), "\n".join(MARKER), "**".join(MARKER),
               json.dumps(list(MARKER), indent=4), "\n".join(f"{n}. {sign}" for n, sign in enumerate(MARKER, 1))],
    "skeleton": [MARKER.translate(str.maketrans("0ae1p", "oае1р")), MARKER.translate(str.maketrans("135", "lеs"))],
    "escaped": [in_bytes("%{:02X}", ""), in_bytes("&#{};", ""), in_bytes("&#x{:x};", ""), in_bytes("\\u{:04x}", ""),
                in_bytes("\\x{:02x}", ""), in_bytes("%25{:02x}", ""), MARKER.replace("9", "%39").replace("c", "&#99;")],
    "hex": [MARKER.encode().hex(), MARKER.encode().hex(" "), in_bytes("0x{:02x}", ", "), MARKER.upper().encode().hex(),
            in_bytes("U+{:04X}")],
    "codes": [in_bytes("{}"), in_bytes("{}", ", "), in_bytes("{:o}"), in_bytes("{:03o}"), in_bytes("0o{:o}"),
              in_bytes("chr({})", " + ")],
    "base64": [around(base64.b64encode, "x" * n) for n in range(3)] + [around(base64.urlsafe_b64encode, "x"),
               around(base64.encodebytes, "y" * 60)],
    "base32": [around(base64.b32encode, "x" * n) for n in range(5)] + [around(base64.b32encode, "").lower()],
    "rot13": [codecs.encode(MARKER, "rot13"), " ".join(codecs.encode(MARKER, "rot13"))],
    "reversed": [MARKER[::-1], " ".join(MARKER[::-1])],
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_found_by_its_own_pattern_and_announced_by_its_hint(form) -> None:
    pattern = regex(pattern_of(MARKER, (form,), LEAST), longest_match=True)
    hint = regex(hint_of(MARKER, (form,), LEAST))
    for text in WRITTEN[form]:
        match = pattern.search(f"It is {text}!")
        assert match is not None, text
        assert match.end() - match.start() <= width_of(MARKER, (form,))
        assert hint.search(f"It is {text}!"), text


def test_every_run_that_is_long_enough_is_found_whole_and_none_that_is_shorter() -> None:
    pattern = regex(pattern_of(MARKER, FORMS, LEAST), longest_match=True)
    letters = letters_of(MARKER)
    for low in range(len(letters)):
        for high in range(low + 1, len(letters) + 1):
            match = pattern.search(f"«{letters[low:high]}»")
            assert (match is not None) == (high - low >= LEAST), letters[low:high]
            assert match is None or match.span() == (1, high - low + 1)


@pytest.mark.parametrize("length", [12, 17, 24, 36])
@pytest.mark.parametrize("least", [8, 11, 12])
def test_no_run_escapes_the_hint(length, least) -> None:
    chance = Random(length * least)
    secret = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))
    hint = regex(hint_of(secret, ("plain", "hex", "base64"), least))
    for start in range(length - least + 1):
        part = secret[start : start + least]
        assert hint.search(part)
        assert hint.search(part.encode().hex())
        for ahead in range(3):
            assert hint.search(base64.b64encode(b"\xff" * ahead + part.encode() + b"\xff\xff").decode())


@given(st.text(alphabet="9f3a7c51d2e84b60 yp-%", max_size=80))
def test_where_there_is_no_hint_there_is_no_match(text: str) -> None:
    if regex(pattern_of(MARKER, FORMS, LEAST), longest_match=True).search(text):
        assert regex(hint_of(MARKER, FORMS, LEAST)).search(text)


def test_look_alikes_are_letters_or_signs_that_a_class_can_hold() -> None:
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789":
        assert re2.search(pattern_of(letter * 8, ("skeleton",), 8), letter.upper() * 8)
