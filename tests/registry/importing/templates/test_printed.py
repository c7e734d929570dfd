"""A list that is printed as it stands becomes text; one that is looked into stays a list."""

from registry.importing.inference import usages
from registry.importing.port import Note
from registry.importing.templates.printed import printed_as_text


def made(template: str, schema: dict[str, object]) -> tuple[dict[str, object], list[Note]]:
    notes: list[Note] = []
    return printed_as_text({"x": schema}, [template], usages([template]), notes)["x"], notes


def test_a_printed_list_is_text_and_that_is_told():
    schema, notes = made("{{ x }}", {"type": "array", "items": {"type": "string"}, "default": []})
    assert schema == {"type": "string", "default": "[]"}
    assert [note.level for note in notes] == ["changed", "changed"]


def test_a_list_that_is_gone_through_stays_one():
    schema, notes = made("{% for i in x %}{{ i }}{% endfor %}", {"type": "array"})
    assert schema == {"type": "array"}
    assert notes == []


def test_a_list_of_known_items_may_be_written_as_json():
    schema, _ = made("{{ x | tojson }}", {"type": "array", "items": {"type": "string"}})
    assert schema["type"] == "array"


def test_a_default_of_another_type_is_made_text_or_left_out():
    assert made("{{ x }}", {"type": "string", "default": 5})[0]["default"] == "5"
    schema, notes = made("{{ x }}", {"type": "integer", "default": "five"})
    assert "default" not in schema
    assert [note.level for note in notes] == ["fault"]
