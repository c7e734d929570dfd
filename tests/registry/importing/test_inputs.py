"""Imported inputs get a type from their use and bounds, and every addition is told."""

from registry.importing.inputs import declared
from registry.validation.template_policy import examine

TEMPLATE = (
    "{{ name }}{% for d in docs %}{{ d.title }}{{ d['text'] }}{% for t in d.tags %}{{ t }}{% endfor %}{% endfor %}"
    "{{ xs | join(', ') }}{% if flag %}x{% endif %}{{ customer.first.name }}{{ history[0].content }}"
)


def test_types_come_from_the_use_in_the_template():
    inputs, _ = declared([TEMPLATE], {})
    assert {name: schema["type"] for name, schema in inputs.items()} == {
        "name": "string",
        "docs": "array",
        "xs": "array",
        "flag": "string",
        "customer": "object",
        "history": "array",
    }
    assert inputs["docs"]["items"]["properties"]["tags"]["type"] == "array"


def test_the_policy_finds_no_gap_in_what_was_declared():
    inputs, _ = declared([TEMPLATE], {})
    examination = examine(TEMPLATE, inputs)
    assert examination.gaps == ()
    assert examination.faults == ()


def test_bounds_are_the_widest_under_which_the_prompt_is_not_too_large():
    small, _ = declared(["{{ a }}"], {})
    assert small["a"]["maxLength"] == 20_000
    nested = "{% for d in docs %}{{ d.a }}{{ d.b }}{% endfor %}"
    inputs, _ = declared([nested], {})
    assert examine(nested, inputs).bound <= 400_000
    assert inputs["docs"]["maxItems"] == 40


def test_a_loop_variable_and_a_set_variable_are_no_inputs():
    inputs, _ = declared(["{% set a = b %}{{ a }}{% for x in xs %}{{ loop.index }}{{ x }}{% endfor %}"], {})
    assert set(inputs) == {"b", "xs"}


def test_what_the_file_says_stays_and_what_it_leaves_open_is_added_and_told():
    inputs, notes = declared(["{{ a }}{{ b }}"], {"a": {"type": "string", "maxLength": 5}, "b": {"weird": 1}})
    assert inputs["a"] == {"type": "string", "maxLength": 5}
    assert inputs["b"] == {"type": "string", "maxLength": 20_000}
    assert [(note.level, note.what) for note in notes] == [("lost", "input b: weird"), ("changed", "input b")]


def test_a_declared_input_that_nothing_prints_is_left_out_and_told():
    inputs, notes = declared(["x"], {"unused": {"type": "string"}})
    assert inputs == {}
    assert [(note.level, note.what) for note in notes] == [("lost", "input unused")]


def test_an_enum_needs_no_bound():
    inputs, notes = declared(["{{ tone }}"], {"tone": {"enum": ["warm", "plain"]}})
    assert inputs == {"tone": {"enum": ["warm", "plain"]}}
    assert notes == ()


def test_a_name_that_is_no_plain_name_is_a_fault():
    _, notes = declared(["{{ _x }}"], {})
    assert [note.level for note in notes] == ["fault"]
