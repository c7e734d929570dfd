"""The shape of an answer and the tools, out of a config in OpenAI's words."""

from __future__ import annotations

from registry.importing.openai_config import output_of, tools_of
from registry.importing.port import Note

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_a_schema_comes_along_from_each_of_its_places() -> None:
    notes: list[Note] = []
    files = {
        "file://s.yaml": SCHEMA,
        "file://f.json": {"type": "json_schema", "json_schema": {"schema": SCHEMA}},
    }
    for form in (
        {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}},
        {"type": "json_schema", "json_schema": {"name": "x", "schema": "file://s.yaml"}},
        "file://f.json",
        '{"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}',
    ):
        output = output_of({"response_format": form}, "p", files.get, notes)
        assert output["output"]["schema"]["type"] == "object"
    assert notes == []


def test_json_without_a_schema_is_told_and_text_is_not() -> None:
    notes: list[Note] = []
    assert output_of({"response_format": {"type": "json_object"}}, "p", lambda _: None, notes) == {}
    assert output_of({"response_format": {"type": "text"}}, "p", lambda _: None, notes) == {}
    assert [note.level for note in notes] == ["lost"]


def test_tools_come_in_openai_s_words_and_anthropic_s() -> None:
    notes: list[Note] = []
    openai = {"type": "function", "function": {"name": "a", "description": "A."}}
    anthropic = {"name": "b", "description": "B.", "input_schema": SCHEMA}
    config = {"tools": [openai, anthropic], "tool_choice": "auto"}
    found = tools_of(config, "p", lambda _: None, notes)
    assert [tool.id for tool in found] == ["tools/a", "tools/b"]
    assert found[1].data["parameters"] == SCHEMA
    assert [note.what for note in notes] == ["p: tool_choice"]
