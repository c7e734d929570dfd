"""What an expression in a template may be, and the shape of its value.

It must never know a node by exclusion: what is not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from registry.validation import shapes
from registry.validation.filters import apply
from registry.validation.shapes import BOOLEAN, UNKNOWN, Shape, Unbounded
from registry.validation.suggest import did_you_mean
from serve.core.render import FILTERS, TESTS

_PLAIN = "Keep to text, variables, if, for, set and the named filters."
_WORK_OUT = "Work it out before and hand it in as an input."
_ONE_FORM = 'Write {% include "partials/name.md" %}; nothing else joins templates.'
_REFUSED: Mapping[type[nodes.Node], tuple[str, str]] = {
    nodes.Call: ("calls are not allowed", "Use a filter after |, or hand the finished value in as an input."),
    nodes.Dict: (
        "{{ { is read as the start of a value",
        "Put JSON with double braces into {% raw %} … {% endraw %}.",
    ),
    nodes.Concat: ("~ is not allowed", "Write the texts one after the other."),
    nodes.Mul: ("* is not allowed", _WORK_OUT),
    nodes.Div: ("/ is not allowed", _WORK_OUT),
    nodes.FloorDiv: ("// is not allowed", _WORK_OUT),
    nodes.Mod: ("% is not allowed", _WORK_OUT),
    nodes.Pow: ("** is not allowed", _WORK_OUT),
    nodes.Macro: ("macros are not allowed", _ONE_FORM),
    nodes.CallBlock: ("call blocks are not allowed", _ONE_FORM),
    nodes.Include: ("this form of include is not allowed", _ONE_FORM),
    nodes.Import: ("imports are not allowed", _ONE_FORM),
    nodes.FromImport: ("imports are not allowed", _ONE_FORM),
    nodes.Extends: ("extends is not allowed", _ONE_FORM),
    nodes.Block: ("blocks are not allowed", _ONE_FORM),
    nodes.AssignBlock: ("set over several lines is not allowed", _PLAIN),
    nodes.NSRef: ("namespaces are not allowed", _PLAIN),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a template must not do, at a line from 1."""

    line: int
    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Use:
    """A variable at a line from 1."""

    name: str
    line: int


class Expressions:
    """Gives the shape of one expression after the other, and gathers what was seen on the way.

    ``peak`` is the longest text that any of them makes, printed or not.
    """

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        self._inputs = inputs
        self._scopes: list[dict[str, Shape]] = [{}]
        self.faults: list[Fault] = []
        self.uses: list[Use] = []
        self.peak = 0

    @property
    def loops(self) -> int:
        """How many loops stand around the current place."""
        return len(self._scopes) - 1

    @contextmanager
    def scope(self, names: dict[str, Shape]) -> Iterator[None]:
        """The inside of a loop, where these names hold."""
        self._scopes.append(names)
        yield
        self._scopes.pop()

    def assign(self, name: str, shape: Shape) -> None:
        """Remember a set variable; set twice, it is either."""
        before = self._scopes[0].get(name)
        self._scopes[0][name] = shapes.union(before, shape) if before else shape

    def shape(self, node: nodes.Node) -> Shape:
        """The shape of an expression; faults are noted."""
        rule = _RULES.get(type(node))
        if rule is None:
            self.refuse(node)
            return UNKNOWN
        shape = rule(self, node)
        if not isinstance(node, nodes.Name) and isinstance(shape.printed, int):
            self.peak = max(self.peak, shape.printed)
        return shape

    def refuse(self, node: nodes.Node) -> None:
        """Note that a node has no place in a template; the inputs it names count as used."""
        named = (f"{type(node).__name__.lower()} is not allowed here", _PLAIN)
        self.fault(node, *_REFUSED.get(type(node), named))
        for child in node.find_all(nodes.Name):
            if child.ctx == "load" and child.name in self._inputs:
                self.uses.append(Use(child.name, child.lineno))

    def fault(self, node: nodes.Node, problem: str, hint: str) -> None:
        """Note what a node does wrong."""
        self.faults.append(Fault(node.lineno or 1, problem, hint))

    def _name(self, node: nodes.Name) -> Shape:
        for scope in reversed(self._scopes):
            if node.name in scope:
                return scope[node.name]
        if node.name == "self":
            self.fault(node, "self is a word of Jinja2's own", "Give the input another name.")
        self.uses.append(Use(node.name, node.lineno))
        return self._inputs.get(node.name, UNKNOWN)

    def _list(self, node: nodes.List | nodes.Tuple) -> Shape:
        return shapes.array([self.shape(item) for item in node.items])

    def _choice(self, node: nodes.CondExpr) -> Shape:
        self.shape(node.test)
        chosen = self.shape(node.expr1)
        return shapes.union(chosen, self.shape(node.expr2)) if node.expr2 else chosen

    def _either(self, node: nodes.BinExpr) -> Shape:
        return shapes.union(self.shape(node.left), self.shape(node.right))

    def _truth(self, node: nodes.Node) -> Shape:
        for child in node.iter_child_nodes():
            self.shape(child)
        return BOOLEAN

    def _attribute(self, node: nodes.Getattr) -> Shape:
        base = self.shape(node.node)
        if base.known and "object" in base.kinds and hasattr(dict, node.attr):
            self.fault(node, f".{node.attr} would find a method of the object", f'Write ["{node.attr}"].')
        return self._property(node, base, node.attr)

    def _item(self, node: nodes.Getitem) -> Shape:
        base = self.shape(node.node)
        key = node.arg.value if isinstance(node.arg, nodes.Const) else None
        if isinstance(key, str):
            return self._property(node, base, key)
        if isinstance(key, int) and base.known and "array" in base.kinds:
            return base.item or UNKNOWN
        if base.known:
            self.fault(node, "[ ] takes a constant name or position", "Use a loop, or first and last.")
        return UNKNOWN

    def _property(self, node: nodes.Node, base: Shape, name: str) -> Shape:
        if name.startswith("_"):
            self.fault(node, f"the name {name} begins with _, which is not allowed", "Rename the property.")
        if not base.known:
            return UNKNOWN
        if "object" not in base.kinds:
            self.fault(
                node, f"only objects have properties such as {name}", "Use a filter, or declare an object."
            )
            return UNKNOWN
        if name not in base.properties and (base.properties or not base.open):
            hint = (
                did_you_mean(name, base.properties)
                or f"Declared are: {', '.join(base.properties) or 'none'}."
            )
            self.fault(node, f"the object has no declared property {name}", hint)
            return UNKNOWN
        size = Unbounded(f"{base.path}.{name}", "type")
        return base.properties.get(name) or Shape(shapes.ALL, base.roots, text=size, count=size, open=True)

    def _filter(self, node: nodes.Filter) -> Shape:
        base = self.shape(node.node) if node.node else UNKNOWN
        if node.name not in FILTERS:
            hint = did_you_mean(node.name, FILTERS) or f"The filters are: {', '.join(FILTERS)}."
            self.fault(node, f"there is no filter {node.name}", hint)
            return UNKNOWN
        if node.name == "default":
            given = [*node.args[:1], *(pair.value for pair in node.kwargs if pair.key == "default_value")]
            return shapes.union(base, self.shape(given[0])) if given else base
        shape, problems = apply(node, base)
        for problem, hint in problems:
            self.fault(node, problem, hint)
        return shape

    def _test(self, node: nodes.Test) -> Shape:
        if node.name not in TESTS:
            hint = did_you_mean(node.name, TESTS) or f"The tests are: {', '.join(TESTS)}."
            self.fault(node, f"there is no test {node.name}", hint)
        return self._truth(node)

    def _sum(self, node: nodes.Node) -> Shape:
        parts = [self.shape(child) for child in node.iter_child_nodes()]
        if not all(part.numeric for part in parts):
            self.fault(node, "+ and - take numbers only", "To join texts, write them one after the other.")
        return shapes.number(max(part.digits for part in parts) + 1)


_RULES: Mapping[type[nodes.Node], Callable[[Expressions, Any], Shape]] = {
    nodes.Name: Expressions._name,
    nodes.Const: lambda _, node: shapes.of_value(node.value),
    nodes.Getattr: Expressions._attribute,
    nodes.Getitem: Expressions._item,
    nodes.Filter: Expressions._filter,
    nodes.Test: Expressions._test,
    nodes.List: Expressions._list,
    nodes.Tuple: Expressions._list,
    nodes.CondExpr: Expressions._choice,
    nodes.And: Expressions._either,
    nodes.Or: Expressions._either,
    **dict.fromkeys((nodes.Not, nodes.Compare, nodes.Operand), Expressions._truth),
    **dict.fromkeys((nodes.Add, nodes.Sub, nodes.Neg), Expressions._sum),
}
