"""Function declarations become tools, in OpenAI's form and in Prompty's."""

import pytest

from registry.importing.functions import tools_of
from registry.importing.port import Note


def test_both_of_openai_s_forms_are_read():
    plain = {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}
    notes: list[Note] = []
    wrapped = tools_of([{"type": "function", "function": plain}], notes)
    assert wrapped == tools_of([plain], notes)
    assert wrapped[0].id == "tools/look"
    assert wrapped[0].data == {"promptyard": 1, **plain}
    assert notes == []


def test_a_list_of_properties_is_a_schema_without_what_is_bound():
    notes: list[Note] = []
    parameters = [{"name": "id", "kind": "integer", "required": True}, {"name": "user", "kind": "string"}]
    written = {
        "name": "f",
        "kind": "function",
        "description": "F.",
        "bindings": {"user": "u"},
        "parameters": {"properties": parameters},
    }
    (tool,) = tools_of([written], notes)
    assert tool.data["parameters"] == {
        "type": "object", "properties": {"id": {"type": "integer"}}, "additionalProperties": False, "required": ["id"]
    }  # fmt: skip
    assert [note.what for note in notes] == ["tool f: bindings"]


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("bing", "fault"),
        ([7], "fault"),
        ([{"description": "no name"}], "fault"),
        ([{"type": "file_search"}], "lost"),
    ],
)
def test_what_is_no_function_is_told(written, level):
    notes: list[Note] = []
    assert tools_of(written, notes) == []
    assert [note.level for note in notes] == [level]


def test_a_name_that_providers_refuse_is_made_plain_and_told():
    notes: list[Note] = []
    (tool,) = tools_of([{"name": "get.weather now", "description": "W."}], notes)
    assert tool.data["name"] == "get_weather_now"
    assert notes[0].level == "changed"
