"""What an expression in a template may be, and the shape of its value.

It must never know a node by exclusion: what is not in the table is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from registry.validation import shapes
from registry.validation.filters import apply
from registry.validation.shapes import BOOLEAN, LOOP, UNKNOWN, Shape
from registry.validation.suggest import did_you_mean
from serve.core.inputs import GREATEST
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
_TESTS_OF_TWO = ("in", "eq", "ne")
_ORDERED = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ORDERS = (frozenset(("number", "boolean")), frozenset(("string",)), frozenset(("array",)))
_GREATEST_SUM = 1e308
_DEEP = 50  # one operation in another; Python's own parser stops at 200 brackets
_HALF = re.compile("[\ud800-\udfff]")
_HOLDING = frozenset(("string", "array", "object"))


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


def _as_filter(node: nodes.Node) -> str:
    """How a Python method is written as the filter of its name, where there is one."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr in FILTERS:
        before = node.node.node.name if isinstance(node.node.node, nodes.Name) else "…"
        return f"Write it as a filter: {before} | {node.node.attr}."
    return ""


class Expressions:
    """Gives the shape of one expression after the other, and gathers what was seen on the way.

    ``peak`` is the longest text that any of them makes, printed or not; ``doubtful`` is False where every
    value is there and of one kind, so that what is no fault cannot fail.
    """

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        self._inputs = inputs
        self._scopes: list[dict[str, Shape]] = [{}]
        self.faults: list[Fault] = []
        self.uses: list[Use] = []
        self.peak = 0
        self.doubtful = not all(map(shapes.is_sure, inputs.values()))
        self._depth = 0
        self._in_loops: set[str] = set()

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

    def assign(self, name: str, shape: Shape, *, surely: bool) -> None:
        """Remember a set variable; set twice, or not surely over an input, it is either."""
        before = self._scopes[0].get(name) or (None if surely else self._inputs.get(name))
        self._scopes[0][name] = shapes.union(before, shape) if before else shape

    def was_in_a_loop(self, name: str) -> bool:
        """True where a loop has read an input of this name: Jinja2 lets it lose the input to a later set."""
        return name in self._in_loops

    def shape(self, node: nodes.Node) -> Shape:
        """The shape of an expression; faults are noted."""
        rule = _RULES.get(type(node))
        if rule is None:
            self.refuse(node)
            return UNKNOWN
        self._depth += 1
        if self._depth > _DEEP:
            raise RecursionError
        shape = rule(self, node)
        self._depth -= 1
        if not isinstance(node, nodes.Name) and isinstance(shape.printed, int):
            self.peak = max(self.peak, shape.printed)
        return shape

    def refuse(self, node: nodes.Node) -> None:
        """Note that a node has no place in a template; the inputs it names count as used."""
        named = (f"{type(node).__name__.lower()} is not allowed here", _PLAIN)
        problem, hint = _REFUSED.get(type(node), named)
        self.fault(node, problem, _as_filter(node) or hint)
        for child in node.find_all(nodes.Name):
            if child.ctx == "load" and child.name in self._inputs:
                self.uses.append(Use(child.name, child.lineno))

    def fault(self, node: nodes.Node, problem: str, hint: str) -> None:
        """Note what a node does wrong."""
        self.faults.append(Fault(node.lineno or 1, problem, hint))

    def _name(self, node: nodes.Name, *, bare: bool = True) -> Shape:
        for scope in reversed(self._scopes):
            if node.name in scope:
                if bare and scope[node.name] is LOOP:
                    self.fault(
                        node, "loop is no value of its own", "Write loop.index, loop.first, loop.last …"
                    )
                return scope[node.name]
        if node.name == "self":
            self.fault(node, "self is a word of Jinja2's own", "Give the input another name.")
        self.uses.append(Use(node.name, node.lineno))
        if self.loops:
            self._in_loops.add(node.name)
        return self._inputs.get(node.name, UNKNOWN)

    def _list(self, node: nodes.List | nodes.Tuple) -> Shape:
        self.doubtful = True
        return shapes.array([self.shape(item) for item in node.items])

    def _choice(self, node: nodes.CondExpr) -> Shape:
        self.doubtful = True
        self.shape(node.test)
        chosen = self.shape(node.expr1)
        if node.expr2 is None:
            self.fault(node, "an if inside {{ }} has no else, and nothing cannot be printed", "Add else ''.")
            return chosen
        return shapes.union(chosen, self.shape(node.expr2))

    def _either(self, node: nodes.BinExpr) -> Shape:
        self.doubtful = True
        return shapes.union(self.shape(node.left), self.shape(node.right))

    def _truth(self, node: nodes.Node) -> Shape:
        for child in node.iter_child_nodes():
            self.shape(child)
        return BOOLEAN

    def _attribute(self, node: nodes.Getattr) -> Shape:
        base = self._base(node.node)
        self.doubtful |= base is not LOOP
        if base.known and base is not LOOP and "object" in base.kinds and hasattr(dict, node.attr):
            self.fault(node, f".{node.attr} would find a method of the object", f'Write ["{node.attr}"].')
        return self._property(node, base, node.attr)

    def _item(self, node: nodes.Getitem) -> Shape:
        self.doubtful = True
        base = self._base(node.node)
        key = node.arg.value if isinstance(node.arg, nodes.Const) else None
        if isinstance(key, str):
            return self._property(node, base, key)
        if isinstance(key, int) and base.known and "array" in base.kinds:
            if base.kinds == {"array"} and isinstance(base.count, int) and key >= base.count:
                self.fault(node, f"the list never has an element {key}", "Positions count from 0.")
            return base.item or shapes.anything(f"{base.path}[]", base.roots)
        if base.known:
            self.fault(node, "[ ] takes a constant name or position", "Use a loop, or first and last.")
        return UNKNOWN

    def _base(self, node: nodes.Node) -> Shape:
        """The shape of what a property is asked of; only here may loop stand."""
        return self._name(node, bare=False) if isinstance(node, nodes.Name) else self.shape(node)

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
        return base.properties.get(name) or base.others or shapes.anything(f"{base.path}.{name}", base.roots)

    def _filter(self, node: nodes.Filter) -> Shape:
        base = self.shape(node.node) if node.node else UNKNOWN
        if node.name not in FILTERS:
            hint = did_you_mean(node.name, FILTERS) or f"The filters are: {', '.join(FILTERS)}."
            self.fault(node, f"there is no filter {node.name}", hint)
            return UNKNOWN
        if node.name == "default":
            return self._default(node, base)
        self.doubtful |= node.name in ("first", "last", "sort")
        shape, problems = apply(node, base)
        for problem, hint in problems:
            self.fault(node, problem, hint)
        return shape

    def _default(self, node: nodes.Filter, base: Shape) -> Shape:
        self.doubtful = True
        given = dict(zip(("default_value", "boolean"), node.args, strict=False))
        given |= {str(pair.key): pair.value for pair in node.kwargs}
        falsy = given.get("boolean", nodes.Const(False))
        if (
            len(given) < len(node.args) + len(node.kwargs)
            or given.keys() - {"default_value", "boolean"}
            or not isinstance(falsy, nodes.Const)
            or node.dyn_args
            or node.dyn_kwargs
        ):
            hint = "Write default(value), or default(value, true) to replace what is empty too."
            self.fault(node, "default takes one value, and true or false behind it", hint)
        return shapes.union(base, self.shape(given["default_value"])) if "default_value" in given else base

    def _test(self, node: nodes.Test) -> Shape:
        wanted = 1 if node.name in _TESTS_OF_TWO else 0
        if node.name not in TESTS:
            hint = did_you_mean(node.name, TESTS) or f"The tests are: {', '.join(TESTS)}."
            self.fault(node, f"there is no test {node.name}", hint)
        elif len(node.args or ()) != wanted or node.kwargs or node.dyn_args or node.dyn_kwargs:
            example = f"x is {node.name}{' value' * wanted}"
            self.fault(node, f"the test {node.name} stands between other things", f"Write {example}.")
        shapes_of = [self.shape(child) for child in node.iter_child_nodes()]
        if node.name == "in" and len(shapes_of) == 2:
            self._look_into(node, *shapes_of)
        return BOOLEAN

    def _comparison(self, node: nodes.Compare) -> Shape:
        one = self.shape(node.expr)
        for operand in node.ops:
            other = self.shape(operand.expr)
            self.doubtful |= "array" in one.kinds
            if operand.op in _ORDERED and not _orderable(one, other):
                problem = f"these two have no order, so {_ORDERED[operand.op]} fails for every call"
                self.fault(
                    node, problem, "Compare two numbers or two texts; length gives the size of a list."
                )
            if operand.op in ("in", "notin"):
                self._look_into(node, one, other)
            one = other
        return BOOLEAN

    def _look_into(self, node: nodes.Node, one: Shape, other: Shape) -> None:
        """Note a search that fails for every call."""
        if other.known and not other.kinds & _HOLDING:
            self.fault(node, "in looks into a text, a list or an object only", "Write == for one value.")
        elif other.known and one.known and other.kinds == {"string"} and "string" not in one.kinds:
            self.fault(node, "in looks for a text in a text only", "Declare the input with type: string.")

    def _sum(self, node: nodes.Node) -> Shape:
        parts = [self.shape(child) for child in node.iter_child_nodes()]
        if not all(part.numeric for part in parts):
            self.fault(node, "+ and - take numbers only", "To join texts, write them one after the other.")
        most = sum(part.most for part in parts)
        if most > _GREATEST_SUM:
            hint = "Declare minimum and maximum for the inputs it adds."
            self.fault(node, "this sum can be greater than any number that can be written", hint)
        return shapes.number(max(part.digits for part in parts) + 1, most)

    def _constant(self, node: nodes.Const) -> Shape:
        shape = shapes.of_value(node.value)
        if shape.most > GREATEST:
            self.fault(node, "the number is too large", "Write a smaller one, or write it as text.")
        if isinstance(node.value, str) and _HALF.search(node.value):
            self.fault(
                node, "half of a character (\\ud800 to \\udfff) cannot be sent", "Write the character."
            )
        return shape


def _orderable(one: Shape, other: Shape) -> bool:
    """False where comparing by size always fails."""
    alike = any(one.kinds & order and other.kinds & order for order in _ORDERS)
    return alike or not one.known or not other.known


_RULES: Mapping[type[nodes.Node], Callable[[Expressions, Any], Shape]] = {
    nodes.Name: Expressions._name,
    nodes.Const: Expressions._constant,
    nodes.Getattr: Expressions._attribute,
    nodes.Getitem: Expressions._item,
    nodes.Filter: Expressions._filter,
    nodes.Test: Expressions._test,
    nodes.List: Expressions._list,
    nodes.Tuple: Expressions._list,
    nodes.CondExpr: Expressions._choice,
    nodes.And: Expressions._either,
    nodes.Or: Expressions._either,
    nodes.Not: Expressions._truth,
    nodes.Compare: Expressions._comparison,
    **dict.fromkeys((nodes.Add, nodes.Sub, nodes.Neg), Expressions._sum),
}
