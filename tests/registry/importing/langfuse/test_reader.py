"""Langfuse's exports, with all that became of them; a text renders as Langfuse compiles it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import damaged, foreign, golden, taken

from registry.importing.langfuse import reader as langfuse
from registry.importing.port import Foreign
from serve.core.render import compile_template

HERE = Path(__file__).parents[1]
FILES = sorted((HERE / "corpus/langfuse").glob("*.json"))
FAULTY = {"late-system.json"}
PIECES = st.lists(
    st.sampled_from(
        ["{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "{{x}}", "{{ y }}", "7", " ", "\n", '"', "|", "-"]
    )
)


def _file(place: Path) -> Foreign:
    return foreign(place.name, place.read_bytes())


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.stem)
def test_an_export_becomes_what_was_reviewed(place: Path, tmp_path: Path) -> None:
    file = _file(place)
    assert langfuse.recognises(file)
    result, errors = taken(tmp_path, file, langfuse)
    expected = HERE / "expected/langfuse" / f"{place.name}.txt"
    assert golden(result, errors) == expected.read_text(encoding="utf-8")
    assert bool(errors) == (place.name in FAULTY)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "x", "prompt": "y"}',
        "[]",
        "7",
        '{"_type": "prompt", "template": "x"}',
        '{"data": [{"prompt": 7}]}',
        "{",
    ],
)
def test_other_json_is_not_taken_for_an_export(text: str) -> None:
    assert not langfuse.recognises(foreign("a.json", text))


@given(PIECES.map("".join))
def test_only_plain_names_in_two_braces_are_filled_in(text: str) -> None:
    export = {"name": "n", "version": 1, "type": "text", "labels": ["production"], "prompt": f"x{text}x"}
    imported = langfuse.read(foreign("a.json", json.dumps(export)), entry_id="a")
    content = imported.entries[0].data["messages"][0]["content"]
    wanted = re.sub(r"\{\{\s*([xy])\s*\}\}", lambda found: found[1].upper(), f"x{text}x")
    assert compile_template(content)({"x": "X", "y": "Y"}) == wanted


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    langfuse.read(foreign("a.json", data), entry_id="a")


PIECES_OF_DAMAGE = [b"", b"null", b"7", b"[]", b"{}", b'"', b"@@@", b"{{", b"\\u0000"]


@given(damaged(FILES, PIECES_OF_DAMAGE, 20))
def test_no_mutation_of_a_real_shape_makes_it_raise(case: tuple[Path, bytes]) -> None:
    _, data = case
    langfuse.recognises(foreign("a.json", data))
    langfuse.read(foreign("a.json", data), entry_id="a")
