"""AIConfig files, with all that became of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import corpus, damaged, file_at, foreign, golden, is_told, taken

from registry.importing.aiconfig import reader as aiconfig

HERE = Path(__file__).parents[1]
CORPUS = corpus("aiconfig")
FAULTY = set[str]()  # lint names the fault too


@pytest.mark.parametrize("place", CORPUS, ids=lambda place: place.name)
def test_a_file_becomes_what_was_reviewed(place: Path, tmp_path: Path) -> None:
    result, errors = taken(tmp_path, file_at(place), aiconfig)
    expected = HERE / "expected/aiconfig" / f"{place.name}.txt"
    assert golden(result, errors) == expected.read_text(encoding="utf-8")
    assert bool(errors) == (place.name in FAULTY)


def test_its_files_are_recognised() -> None:
    assert [place.name for place in CORPUS if not aiconfig.recognises(file_at(place))] == []


@pytest.mark.parametrize(
    "text", ["prompts: []", '{"prompts": [{"name": "a"}]}', '{"prompts": "x", "metadata": {}}']
)
def test_other_files_are_not_taken_for_aiconfig(text: str) -> None:
    assert not aiconfig.recognises(foreign("a.json", text))


def test_an_answer_that_was_recorded_is_not_carried() -> None:
    imported = aiconfig.read(file_at(HERE / "corpus/aiconfig/outputs.aiconfig.json"), entry_id="a")
    assert "Hello" not in str(imported.entries)
    assert any(note.what == "a: outputs" for note in imported.notes)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_and_never_an_error(data: bytes) -> None:
    imported = aiconfig.read(foreign("a.json", data), entry_id="a")
    assert is_told(imported)


@given(damaged(CORPUS))
def test_a_damaged_file_is_a_report_and_never_an_error(case: tuple[Path, bytes]) -> None:
    aiconfig.recognises(foreign("a.json", case[1]))
    aiconfig.read(foreign("a.json", case[1]), entry_id="a")
