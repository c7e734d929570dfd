"""Expressions: what is in the table has a shape, all else is refused by name."""

from __future__ import annotations

import pytest
from jinja2 import nodes

from registry.validation import shapes
from registry.validation.expressions import Expressions
from serve.core.render import environment

INPUTS = {
    "text": {"type": "string", "maxLength": 9},
    "number": {"type": "integer", "minimum": 0, "maximum": 5},
    "person": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 4}}},
    "anything": {"type": "object"},
}


def shape_of(source: str):
    expressions = Expressions({name: shapes.of_input(name, schema) for name, schema in INPUTS.items()})
    output = environment().parse(f"{{{{ {source} }}}}").body[0]
    assert isinstance(output, nodes.Output)
    return expressions.shape(output.nodes[0]), expressions


@pytest.mark.parametrize(
    ("source", "kinds", "printed"),
    [
        ("text", {"string"}, 9),
        ("'abc'", {"string"}, 3),
        ("person.name", {"string"}, 4),
        ("person['name']", {"string"}, 4),
        ("number + 1", {"number"}, 26),
        ("-number", {"number"}, 26),
        ("text == 'a' and number > 1", {"boolean"}, 5),
        ("not text", {"boolean"}, 5),
        ("text is defined", {"boolean"}, 5),
        ("text or 'longer than text'", {"string"}, 16),
        ("text if number else person.name", {"string"}, 9),
        ("[text, number][0]", {"string", "number"}, 25),
        ("text | default('ten letters')", {"string"}, 11),
        ("text | default(default_value='x')", {"string"}, 9),
    ],
)
def test_an_expression_has_a_shape(source, kinds, printed):
    shape, expressions = shape_of(source)
    assert expressions.faults == []
    assert (shape.kinds, shape.printed) == (kinds, printed)


def test_a_property_of_an_open_object_is_without_bound():
    shape, expressions = shape_of("anything.at_all")
    assert expressions.faults == []
    assert shape.printed == shapes.Unbounded("anything.at_all", "type")


@pytest.mark.parametrize(
    ("source", "problem", "hint"),
    [
        ("text.upper()", "calls are not allowed", "Write it as a filter: text | upper."),
        ("text.split()", "calls are not allowed", "Use a filter after |"),
        ("person.nmae", "no declared property nmae", "Did you mean name?"),
        ("person.keys", "method of the object", '["keys"]'),
        ("person[text]", "constant name or position", "loop"),
        ("text.name", "only objects have properties", "declare an object"),
        ("text | uper", "no filter uper", "Did you mean upper?"),
        ("text is defind", "no test defind", "Did you mean defined?"),
        ("text + 1", "numbers only", "one after the other"),
        ("{'a': 1}", "read as the start of a value", "raw"),
    ],
)
def test_what_is_refused_is_named_with_a_way_out(source, problem, hint):
    faults = shape_of(source)[1].faults
    assert problem in faults[0].problem
    assert hint in faults[0].hint


def test_a_variable_in_what_is_refused_still_counts_as_used():
    assert [use.name for use in shape_of("text.split(number)")[1].uses] == ["text", "number"]


def test_the_longest_text_on_the_way_is_remembered():
    assert shape_of("([text, text] | join | upper) | length")[1].peak == 54
