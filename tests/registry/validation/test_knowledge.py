"""What a test tells, and what it must not tell."""

from __future__ import annotations

import pytest
from jinja2 import nodes

from registry.validation.knowledge import UNKEYED, told
from serve.core.render import environment

ALL_BUT = {"array", "boolean", "missing", "null", "number", "object", "string"}


def path_of(node: nodes.Node):
    return (node.name,) if isinstance(node, nodes.Name) else ()


def known(test: str, *, truth: bool) -> dict[str, set[str]]:
    branch = environment().parse(f"{{% if {test} %}}{{% endif %}}").body[0]
    assert isinstance(branch, nodes.If)
    facts: dict[str, set[str]] = {}
    for path, kind in told(branch.test, path_of, truth=truth):
        facts.setdefault(".".join(map(str, path)), set()).add(kind)
    return facts


@pytest.mark.parametrize(
    ("test", "truth", "facts"),
    [
        ("x is string", True, {"x": ALL_BUT - {"string"}}),
        ("x is string", False, {"x": {"string"}}),
        ("x is number", True, {"x": ALL_BUT - {"number", "boolean"}}),
        ("x is not none", True, {"x": {"null"}}),
        ("x != none", True, {"x": {"null"}}),
        ("x == none", False, {"x": {"null"}}),
        ("x is defined", True, {"x": {"missing"}}),
        ("x", True, {"x": {"missing", "null"}, "x.0": {"missing"}, "x.-1": {"missing"}}),
        ("x", False, {}),
        ("x is string or x is number", True, {"x": ALL_BUT - {"string", "number", "boolean"}}),
        ("x is none or y is none", False, {"x": {"null"}, "y": {"null"}}),
        ("x is none and y is none", False, {}),
        ("not (x is none and x is string)", True, {}),
        ("'a' in x", True, {"x.a": {UNKEYED}}),
        ("x | default('b')", True, {}),
        ("x | default(default_value='b')", True, {}),
        ("x | default('') is string", True, {}),
        ("x == 'a'", True, {}),
    ],
)
def test_a_test_tells_this_and_no_more(test, truth, facts):
    assert known(test, truth=truth) == facts
