"""Every format is in the table, and a file goes to the first reader that is sure of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import foreign

from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.importing.collect import collect
from registry.importing.formats import READERS, reader_of
from registry.importing.gather import Gathered
from registry.importing.port import Reader
from registry.settings import Settings


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("a.prompt.yml", "messages: []\n", "github"),
        ("a.prompt.yaml", "model: x\nmessages: []\n", "github"),
        ("a.prompt.yaml", "promptyard: 1\n", None),
        ("a.prompty", "---\nname: x\n---\nsystem:\nHi\n", "prompty"),
        ("a.prompt", "---\nmodel: googleai/gemini\n---\nHello {{name}}\n", "dotprompt"),
        ("promptfooconfig.yaml", "prompts: [a]\nproviders: [openai:gpt-4o]\n", "promptfoo"),
        ("a.json", '{"_type": "prompt", "template": "Hi {x}", "input_variables": ["x"]}', "langchain"),
        (
            "a.json",
            '{"schema_version": "latest", "metadata": {}, "prompts": [{"name": "a", "input": "b"}]}',
            "aiconfig",
        ),
        (
            "a.json",
            '[{"name": "a", "type": "text", "prompt": "Hi {{x}}", "version": 1, "labels": [], "config": {}}]',
            "langfuse",
        ),
        ("a.txt", "Hello", "plain"),
        ("a.json", '{"unrelated": true}', None),
        ("docker-compose.yml", "services: {}\n", None),
        ("README.md", "# Hello", None),
    ],
)
def test_a_file_is_known_by_its_name_and_a_look_inside(path: str, text: str, name: str | None) -> None:
    reader = reader_of(foreign(path, text))
    assert (reader.NAME if reader else None) == name


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@given(data=st.binary(max_size=200) | st.text("{}[]\"':-# \nabmessages", max_size=120).map(str.encode))
def test_any_bytes_are_a_report_and_never_an_error(reader: Reader, data: bytes) -> None:
    tree = FolderTree(Path(__file__).parent / "nowhere")
    files = [foreign(name, data) for name in ("a.json", "a.yaml", "a.md")]
    assert [reader.recognises(file) in (True, False) for file in files] == [True] * 3
    collected = collect([("", Gathered(Path("/"), files))], load(tree, Settings()), reader=reader)
    for taken in collected.taken:
        assert taken.format == reader.NAME
        assert taken.files or taken.notes


def test_names_are_those_that_the_command_offers() -> None:
    assert all(name == reader.NAME for name, reader in READERS.items())
    assert list(READERS)[-1] == "plain"  # the one that would take any text comes last
