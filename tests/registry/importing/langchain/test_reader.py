"""LangChain's prompts, with all that became of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import corpus, damaged, file_at, foreign, golden, is_told, taken

from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.importing.langchain import reader as langchain
from registry.importing.overlay import OverlaidTree
from registry.rendering.preview import live_of
from registry.settings import Settings
from serve.core.codec import to_json

HERE = Path(__file__).parents[1]
CORPUS = corpus("langchain")
RENDERED = json.loads((HERE / "expected/langchain-rendered.json").read_text(encoding="utf-8"))
FAULTY = {"jinja-attack.json"}  # lint names the fault too


@pytest.mark.parametrize("place", CORPUS, ids=lambda place: place.name)
def test_a_file_becomes_what_was_reviewed(place: Path, tmp_path: Path) -> None:
    result, errors = taken(tmp_path, file_at(place), langchain)
    expected = HERE / "expected/langchain" / f"{place.name}.txt"
    assert golden(result, errors) == expected.read_text(encoding="utf-8")
    assert bool(errors) == (place.name in FAULTY)


def test_its_files_are_recognised() -> None:
    assert [place.name for place in CORPUS if not langchain.recognises(file_at(place))] == [
        "sequence-without-prompt.json"
    ]


@pytest.mark.parametrize("name", sorted(RENDERED))
def test_a_prompt_renders_as_langchain_renders_the_file(name: str, tmp_path: Path) -> None:
    """The texts come from langchain-core 1.7.2, to the last space."""
    result, _ = taken(tmp_path, file_at(HERE / "corpus/langchain" / name), langchain)
    assert result is not None
    live = live_of(load(OverlaidTree(FolderTree(tmp_path), result.files), Settings()))
    rendered = to_json(list(live.render(Path(name).stem, RENDERED[name]["values"]).messages))
    ours = [[message["role"], message["content"]] for message in rendered]
    assert ours == RENDERED[name]["messages"]["langchain"]


@pytest.mark.parametrize(
    "text",
    [
        '{"_type": "openai", "model_name": "x"}',
        "[1, 2]",
        '{"template": "x"}',
        '{"lc": 1, "id": ["a", "ChatOpenAI"]}',
    ],
)
def test_other_json_is_not_taken_for_a_prompt(text: str) -> None:
    assert not langchain.recognises(foreign("a.json", text))


def test_no_attribute_is_looked_up() -> None:
    imported = langchain.read(
        foreign("a.json", '{"_type": "prompt", "input_variables": ["x"], "template": "{x.__class__}"}'),
        entry_id="a",
    )
    assert any("_" in note.why or "_" in note.what for note in imported.notes if note.level != "changed")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_and_never_an_error(data: bytes) -> None:
    imported = langchain.read(foreign("a.json", data), entry_id="a")
    assert is_told(imported)


@given(damaged(CORPUS))
def test_a_damaged_file_is_a_report_and_never_an_error(case: tuple[Path, bytes]) -> None:
    langchain.recognises(foreign("a.json", case[1]))
    langchain.read(foreign("a.json", case[1]), entry_id="a")
