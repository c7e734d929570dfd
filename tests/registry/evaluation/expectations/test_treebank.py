from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.treebank import treebank_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("It's a dog's life, isn't it?", "It 's a dog 's life , is n't it ?"),
        ("They'll save and cannot stop.", "They 'll save and can not stop ."),
        ('He said "yes" (twice).', "He said `` yes '' ( twice ) ."),
        ("At 10:30, for $1,200.50...", "At 10:30 , for $ 1,200.50 ..."),
        ("I'm gonna go", "I 'm gon na go"),
        ("one--two [x]", "one -- two [ x ]"),
        ("", ""),
    ],
)
def test_punctuation_and_clitics_stand_alone(text: str, tokens: str) -> None:
    assert treebank_tokens(text) == tokens.split()


@given(st.text(max_size=60))
def test_no_letter_is_lost(text: str) -> None:
    def letters(text: str) -> str:
        return "".join(char for char in text if char.isalnum())

    assert letters("".join(treebank_tokens(text))) == letters(text)
