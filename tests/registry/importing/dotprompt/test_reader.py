"""Files of Google's dotprompt, with all that became of them, and what the reference renders for the same inputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import damaged, file_within, golden, taken

from registry.importing.dotprompt import reader as dotprompt
from registry.importing.port import Foreign
from serve.core.render import compile_template

HERE = Path(__file__).parents[1]
CORPUS = HERE / "corpus/dotprompt"
FILES = sorted(CORPUS.glob("[!_]*.prompt"))
# lint names the same fault as the report: a helper of one's own, a partial that is not there, a late system message
FAULTY = {"late-system", "own-helper", "partials"}
RENDERED = json.loads((HERE / "corpus/dotprompt-rendered.json").read_text(encoding="utf-8"))


def _file(place: Path) -> Foreign:
    return file_within(place, place.name)


def _of(text: str | bytes) -> Foreign:
    return Foreign("a.prompt", text.encode() if isinstance(text, str) else text, lambda _: None)


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.stem)
def test_a_file_becomes_what_was_reviewed(place: Path, tmp_path: Path) -> None:
    file = _file(place)
    assert dotprompt.recognises(file)
    result, errors = taken(tmp_path, file)
    expected = HERE / "expected/dotprompt" / f"{place.name}.txt"
    assert golden(result, errors) == expected.read_text(encoding="utf-8")
    assert bool(errors) == (place.stem in FAULTY)


@pytest.mark.parametrize("case", RENDERED, ids=lambda case: f"{case['file']} {case['number']}")
def test_a_prompt_renders_as_the_reference_does(case: dict[str, object]) -> None:
    imported = dotprompt.read(_file(CORPUS / str(case["file"])), entry_id="a")
    data = next(entry.data for entry in imported.entries if entry.kind == "prompt")
    defaults = {
        name: schema["default"] for name, schema in data.get("inputs", {}).items() if "default" in schema
    }
    values = {**defaults, **dict(case["inputs"])}  # type: ignore[call-overload]
    ours = []
    for message in data["messages"]:
        content = message.get("content", "")
        parts = [{"text": content}] if isinstance(content, str) else content
        texts = [compile_template(next(iter(part.values())))(values) for part in parts]
        ours.append([message.get("role", "history"), texts])
    assert _trimmed(ours) == _trimmed(case["messages"])  # type: ignore[arg-type]


def _trimmed(messages: list[list[object]]) -> list[list[object]]:
    """Messages without blanks at their ends, and without those that say nothing: told, and left out there."""
    out = []
    for role, texts in messages:
        said = [text for text in list(texts) if text.strip()]  # type: ignore[call-overload]
        if said and role != "history":
            said[0] = said[0].lstrip()
            said[-1] = said[-1].rstrip()
            out.append([role, said])
    return out


def test_the_reference_was_asked_often_enough() -> None:
    assert len({case["file"] for case in RENDERED}) >= 19
    assert len(RENDERED) >= 80


def test_text_without_braces_is_exact_but_for_its_model() -> None:
    imported = dotprompt.read(_of("Say hello.\n"), entry_id="a")
    assert imported.entries[0].data["messages"] == [{"role": "user", "content": "Say hello."}]
    assert [note.what for note in imported.notes] == ["model"]


def test_a_partial_by_itself_is_no_prompt() -> None:
    imported = dotprompt.read(Foreign("x/_style.prompt", b"Be kind.", lambda _: None), entry_id="a")
    assert imported.entries == ()
    assert [note.level for note in imported.notes] == ["changed"]


def test_a_partial_is_looked_for_above_the_folder_of_its_prompt() -> None:
    asked = []

    def sibling(name: str) -> bytes | None:
        asked.append(name)
        return b"Be kind.\n" if name == "../_style.prompt" else None

    imported = dotprompt.read(Foreign("x/a.prompt", b"{{>style}}\nHi", sibling), entry_id="a")
    assert imported.entries[0].data["messages"][0]["content"] == "Be kind.\nHi"
    assert asked[0] == "_style.prompt"


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    dotprompt.read(_of(data), entry_id="a")


PIECES_OF_DAMAGE = [b"", b"{{", b"}}", b"{{/if}}", b"---\n", b": ", b'"', b"\x00", b"{{role"]


@given(damaged(FILES, PIECES_OF_DAMAGE, 20))
def test_no_mutation_of_a_real_shape_makes_it_raise(case: tuple[Path, bytes]) -> None:
    place, data = case
    file = Foreign(place.name, data, _file(place).sibling)
    assert dotprompt.read(file, entry_id="a").format == "dotprompt"
