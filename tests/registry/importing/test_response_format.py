"""A response format with a schema is the output; one without is a fault."""

from registry.importing.port import Note
from registry.importing.response_format import output_of

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_a_schema_and_its_name_are_carried():
    notes: list[Note] = []
    form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": False, "schema": SCHEMA}}
    assert output_of(form, notes) == {"schema": SCHEMA, "name": "answer"}
    assert [note.what for note in notes] == ["response_format.strict"]


def test_a_name_that_providers_refuse_is_left_out():
    assert output_of({"json_schema": {"name": "an answer", "schema": SCHEMA}}, []) == {"schema": SCHEMA}


def test_a_form_without_a_schema_is_a_fault():
    notes: list[Note] = []
    assert output_of({"type": "json_schema"}, notes) is None
    assert [note.level for note in notes] == ["fault"]
