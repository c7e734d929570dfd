"""AIConfig files, with all that became of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import foreign, golden, taken

from registry.importing.aiconfig import reader as aiconfig
from registry.importing.gather import gather
from registry.importing.port import Foreign

HERE = Path(__file__).parents[1]
CORPUS = sorted(
    (place for place in (HERE / "corpus/aiconfig").iterdir() if place.is_file()), key=lambda place: place.name
)
FAULTY = set[str]()  # lint names the fault too


def file_at(place: Path) -> Foreign:
    return gather(place).files[0]


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
    assert imported.entries or any(note.level == "fault" for note in imported.notes)


@given(st.sampled_from(CORPUS), st.data())
def test_a_damaged_file_is_a_report_and_never_an_error(place: Path, data: st.DataObject) -> None:
    whole = place.read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 12))
    damaged = whole[:at] + data.draw(st.binary(max_size=6)) + whole[at + cut :]
    aiconfig.recognises(foreign("a.json", damaged))
    aiconfig.read(foreign("a.json", damaged), entry_id="a")
