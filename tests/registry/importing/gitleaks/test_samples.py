from __future__ import annotations

import pytest
import re2

from registry.importing.gitleaks.samples import samples


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bacme_[a-z0-9]{20,40}\b",
        r"(?i)[\w.-]{0,50}?(?:acme)(?:[ \t\w.-]{0,20})[\s'\"]{0,3}(?:=|:)[\s'\"]{0,5}([a-f0-9]{32})(?:[;\s]|$)",
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})",
        r"https://[a-z]+\.example\.com/(?:[a-z0-9]{4}-){3}x",
    ],
)
def test_a_pattern_finds_most_of_what_was_made_up_for_it(pattern: str) -> None:
    made = list(samples(pattern, "seed"))
    assert sum(re2.search(pattern, text) is not None for text in made) > len(made) / 2


def test_one_seed_makes_the_same_texts_and_another_others() -> None:
    first, again, other = (list(samples("[a-z0-9]{30}", seed)) for seed in ("a", "a", "b"))
    assert first == again != other


def test_a_sign_comes_back_only_when_all_others_had_their_turn() -> None:
    for text in samples("[a-z]{26}", "seed"):
        assert len(set(text)) == 26
