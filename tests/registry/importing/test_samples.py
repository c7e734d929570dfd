"""Samples give inputs their types and their room, and never a value that must not be carried."""

from registry.importing.inference import usages
from registry.importing.samples import inputs_of, of_all, schema_of
from registry.validation.template_policy import examine


def test_a_value_gives_the_schema_that_it_fits():
    assert schema_of({"a": 1, "b": [True], "c": "x", "d": None}) == {
        "type": "object",
        "properties": {
            "a": {"type": "number"},
            "b": {"type": "array", "items": {"type": "boolean"}},
            "c": {"type": "string"},
            "d": {"type": "string"},
        },
    }


def test_values_of_several_types_give_none():
    assert of_all([1, "x"]) == {}


def test_what_a_template_reads_of_an_object_is_required_of_it():
    template = "{% for d in docs %}{{ d.title }}{% endfor %}"
    shown = schema_of([{"title": "t", "extra": 1}, {"title": "u"}], usages([template])["docs"])
    inputs, _ = inputs_of([template], {"docs": shown})
    assert inputs["docs"]["items"]["required"] == ["title"]
    assert set(inputs["docs"]["items"]["properties"]) == {"title", "extra"}


def test_an_object_that_is_not_declared_has_what_is_read_of_it():
    inputs, notes = inputs_of(["{{ a.b.c }}{% for x in a.xs %}{{ x.y }}{% endfor %}"], {})
    assert inputs["a"]["required"] == ["b", "xs"]
    assert inputs["a"]["properties"]["b"]["required"] == ["c"]
    assert [note.what for note in notes if "not declared" in note.why] == ["input a"]


def test_a_bound_has_room_for_what_the_file_shows():
    text = "{% for d in docs %}{{ d.text }}{% endfor %}"
    long = "x" * 5000
    inputs, notes = inputs_of([text], {"docs": {"type": "array", "examples": [[{"text": long}]]}})
    assert inputs["docs"]["items"]["properties"]["text"]["maxLength"] == 10_000
    assert any("shows a longer value" in note.why for note in notes)
    assert examine(text, inputs).gaps == ()


def test_an_example_that_does_not_fit_or_is_too_long_is_left_out_and_told():
    inputs, notes = inputs_of(
        ["{{ n }}{{ t }}"], {"n": {"type": "number", "examples": ["x", 2]}, "t": {"examples": ["y" * 4001]}}
    )
    assert inputs["n"]["examples"] == [2]
    assert "examples" not in inputs["t"]
    assert [note.what for note in notes if note.level == "lost"] == ["input n: examples", "input t: examples"]


def test_the_value_of_a_secret_is_never_carried():
    inputs, notes = inputs_of(
        ["{{ api_key }}"], {"api_key": {"type": "string", "default": "not-a-real-key", "examples": ["no"]}}
    )
    assert inputs == {"api_key": {"type": "string", "maxLength": 20_000}}
    assert "not-a-real-key" not in str(notes)
    assert notes[0].level == "lost"
