"""Ids from names: in the letters of ids, no two alike, the same on every machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.ids import LONGEST, id_of, is_id, shortened, untaken


@pytest.mark.parametrize(
    ("path", "entry_id"),
    [
        ("triage.prompty", "triage"), ("support/Triage Mail.prompt.yml", "support/triage-mail"),
        ("a.b.prompt", "a-b"), ("codeReview.prompt.md", "code-review"), ("x/promptfooconfig.yaml", "x"),
        ("promptfooconfig.yaml", "library"), ("skills/pdf/SKILL.md", "skills/pdf"),
        (".github/prompts/Fix.prompt.md", "github/prompts/fix"),
        ("Grüße (v2).txt", "grusse-v2"), ("under_score.json", "under_score"), ("a/../b.md", "a/b"),
    ],
)  # fmt: skip
def test_an_id_is_the_path_in_small_letters(path: str, entry_id: str) -> None:
    assert id_of(path, folder="library") == entry_id


def test_an_id_goes_below_the_folder_that_was_asked_for() -> None:
    assert id_of("a/b.txt", folder="x", below="support/old") == "support/old/a/b"


def test_a_name_without_a_letter_of_ours_still_has_an_id_of_its_own() -> None:
    first, second = id_of("提示.txt", folder="x"), id_of("翻译.txt", folder="x")
    assert is_id(first)
    assert first != second


@given(st.text(min_size=1, max_size=300), st.sampled_from(["", "team/old"]))
def test_every_path_gives_an_id(path: str, below: str) -> None:
    entry_id = id_of(path, folder="folder", below=below)
    assert is_id(entry_id), entry_id
    assert entry_id.startswith(below)


@given(st.text("abc/-", min_size=1, max_size=200))
def test_shortening_keeps_short_ids_and_tells_long_ones_apart(text: str) -> None:
    assert len(shortened(text)) <= LONGEST
    assert shortened(text) == text or len(text) > LONGEST
    assert shortened(f"{text}{'x' * 90}1") != shortened(f"{text}{'x' * 90}2")


def test_a_taken_id_gets_a_number() -> None:
    taken: set[str] = set()
    assert [untaken("a", taken) for _ in range(3)] == ["a", "a-2", "a-3"]
