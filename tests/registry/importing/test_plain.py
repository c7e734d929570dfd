"""Plain text and Markdown: one message, a head that is carried or told, and gaps that stay text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import corpus, foreign, golden, is_told, path_of, taken

from registry.importing import plain
from serve.core.render import compile_template

HERE = Path(__file__).parent
CORPUS = corpus("plain")
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("{}%#$<>\n"), min_size=1, max_size=200
)


@pytest.mark.parametrize("place", CORPUS, ids=lambda place: place.name)
def test_a_file_becomes_what_was_reviewed(place: Path, tmp_path: Path) -> None:
    result, errors = taken(tmp_path, foreign(path_of(place.name), place.read_bytes()))
    assert golden(result, errors) == (HERE / "expected/plain" / f"{place.name}.txt").read_text(
        encoding="utf-8"
    )
    assert errors == []


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("a.txt", "user"), ("system.txt", "system"), ("my-system-prompt.md", "system"), ("ecosystem.md", "user"),
        ("x.prompt.md", "user"), ("x.agent.md", "system"), (".claude/commands/x.md", "user"), ("agents/x.md", "system"),
    ],
)  # fmt: skip
def test_the_name_decides_the_role(path: str, role: str) -> None:
    imported = plain.read(foreign(path, "Hello"), entry_id="a")
    assert imported.entries[0].data["messages"][0]["role"] == role
    assert [note.what for note in imported.notes].count("text") == 1


@pytest.mark.parametrize(
    "path", ["README.md", "docs/Contributing.md", "LICENSE.txt", "CODE_OF_CONDUCT.md", "requirements-dev.txt"]
)
def test_documentation_is_no_prompt(path: str) -> None:
    assert plain.is_documentation(path)
    assert not plain.recognises(foreign(path, "text"))


@given(TEXT)
def test_a_text_renders_to_itself(text: str) -> None:
    imported = plain.read(foreign("a.txt", text), entry_id="a")
    if imported.entries and not text.lstrip().startswith("---"):
        data = imported.entries[0].data
        values = {name: f"<{name}>" for name in data.get("inputs", {})}
        rendered = compile_template(data["messages"][0]["content"])(values)
        if not values:
            assert rendered == text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_and_never_an_error(data: bytes) -> None:
    imported = plain.read(foreign("a.md", data), entry_id="a")
    assert is_told(imported)


def test_a_key_of_the_head_is_carried_or_told() -> None:
    head = "name: n\ndescription: d\nowner: o\nmodel: gpt-4o\ntemperature: 1\ncolour: blue\n"
    imported = plain.read(foreign("a.md", f"---\n{head}---\nHello"), entry_id="a")
    data = imported.entries[0].data
    assert {key: data[key] for key in ("name", "description", "owner")} == {
        "name": "n",
        "description": "d",
        "owner": "o",
    }
    assert data["modelParameters"] == {"temperature": 1}
    assert [(note.what, note.why) for note in imported.notes if note.level == "lost"] == [
        ("colour", "prompts have no such key; it said blue")
    ]
