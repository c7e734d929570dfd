"""Each filter's arguments are constants, and its result is never longer than its shape says."""

from __future__ import annotations

import pytest
from jinja2 import nodes

from registry.validation import shapes
from registry.validation.filters import apply
from serve.core.render import FILTERS, environment

LIST = shapes.of_input("x", {"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 5}})
TEXT = shapes.of_input("x", {"type": "string", "maxLength": 100})


def of(call: str, base: shapes.Shape):
    (node,) = environment().parse(f"{{{{ x | {call} }}}}").find_all(nodes.Filter)
    return apply(node, base)


@pytest.mark.parametrize(
    ("call", "base", "printed"),
    [
        ("upper", TEXT, 300),
        ("lower", TEXT, 200),
        ("trim", TEXT, 100),
        ("indent(2)", TEXT, 302),
        ("replace('ab', 'cde')", TEXT, 152),
        ("replace('abc', '')", TEXT, 102),
        ("truncate(20)", TEXT, 25),
        ("truncate(20, leeway=0)", TEXT, 20),
        ("truncate(500)", TEXT, 100),
        ("tojson", TEXT, 602),
        ("length", TEXT, 10),
        ("join(', ')", LIST, 21),
        ("join", LIST, 15),
        ("first", LIST, 5),
    ],
)
def test_a_filter_is_as_long_as_it_can_get(call, base, printed):
    shape, problems = of(call, base)
    assert problems == []
    assert shape.printed == printed
    assert shape.roots == (frozenset() if call == "length" else {"x"})


@pytest.mark.parametrize(
    ("call", "base", "problem"),
    [
        ("upper(1)", TEXT, "constant arguments"),
        ("trim(chars=y)", TEXT, "constant arguments"),
        ("trim(*y)", TEXT, "constant arguments"),
        ("trim(no='x')", TEXT, "no such argument"),
        ("indent(41)", TEXT, "width from 0 to 40"),
        ("indent('>>')", TEXT, "width from 0 to 40"),
        ("indent(true)", TEXT, "width from 0 to 40"),
        ("replace('', 'x')", TEXT, "two texts"),
        ("replace(1, 'x')", TEXT, "two texts"),
        ("truncate(2)", TEXT, "room for its end"),
        ("truncate(9, end=1)", TEXT, "text as its end"),
        ("join(1)", LIST, "text between"),
        ("join", TEXT, "takes a list"),
        ("sort", TEXT, "takes a list"),
        ("first", TEXT, "takes a list"),
        ("sort(attribute='a.__class__')", LIST, "name of a property"),
        ("sort(attribute=1)", LIST, "name of a property"),
        ("upper", LIST, "takes text"),
        ("join", shapes.array([LIST]), "list of texts"),
    ],
)
def test_a_wrong_use_is_told_with_a_way_out(call, base, problem):
    _, ((told, hint),) = of(call, base)
    assert problem in told
    assert hint


@pytest.mark.parametrize("name", [name for name in FILTERS if name != "default"])
def test_a_filter_of_what_is_not_known_is_not_judged(name):
    arguments = {"replace": "('a', 'b')"}.get(name, "")
    assert of(f"{name}{arguments}", shapes.UNKNOWN)[1] == []
