from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core.guard.normalise import INVISIBLE, read

SAMPLES = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("aé\u0301\u0308ｶﾞ\u1100\u1161\u11a8\u200b\u200d\ufeff４ﷺ…½"),
    ),
    max_size=60,
)


def test_plain_text_is_its_own_copy() -> None:
    reading = read("pay 4012")
    assert reading.text is reading.original
    assert not reading.differs


@given(SAMPLES)
def test_the_copy_is_the_nfkc_of_what_is_visible(text: str) -> None:
    visible = "".join(character for character in text if character not in INVISIBLE)
    assert read(text).text == unicodedata.normalize("NFKC", visible)


@given(SAMPLES)
def test_every_span_of_the_copy_leads_back_to_its_origin(text: str) -> None:
    reading = read(text)
    for index in range(len(reading.text)):
        start, end = reading.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        origin = "".join(c for c in text[start:end] if c not in INVISIBLE)
        assert reading.text[index] in unicodedata.normalize("NFKC", origin)


@given(SAMPLES, SAMPLES)
def test_what_is_called_stable_never_changes_when_more_text_comes(text: str, more: str) -> None:
    before, after = read(text), read(text + more)
    assert after.text[: before.stable] == before.text[: before.stable]


@pytest.mark.parametrize("hidden", ["\u200b", "\u2060", "\u202e", "\U000e0041", "\ufeff", "\u00ad"])
def test_hidden_characters_are_not_in_the_copy_but_in_the_span(hidden: str) -> None:
    reading = read(f"pay {hidden.join('4012')} now")
    start = reading.text.index("4012")
    assert reading.span(start, start + 4) == (4, 11)


def test_a_lone_surrogate_breaks_nothing() -> None:
    assert read("a\ud800é…").text == "a\ufffdé..."


@given(
    st.text(alphabet="\\nrt1é\u0301\u200b\u200d", max_size=20), st.text(alphabet="\\nrt1\u0301", max_size=6)
)
def test_escaped_blanks_move_nothing_and_what_is_stable_stays(text: str, more: str) -> None:
    reading = read(text)
    assert len(reading.unescaped) == len(reading.text)
    assert not any(escape in reading.unescaped for escape in ("\\n", "\\r", "\\t"))
    whole = read(text + more).unescaped
    assert reading.unescaped[: reading.stable] == whole[: reading.stable]
