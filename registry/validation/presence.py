"""Where a template fails for inputs that fit their schemas: what it reads may be missing, null or of another kind.

A render with such inputs is refused, although a caller did nothing wrong; so it is found here, before any call.
It must never pass what can fail, nor warn of what a test around it, or ``default``, takes care of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from registry.validation import shapes
from registry.validation.knowledge import ELEMENTS, TOLERANT, UNKEYED, Fact, Path, filled, told
from registry.validation.outcomes import (
    ABSENT,
    Absence,
    Failure,
    Misfit,
    Value,
    either,
    falsy,
    kinds_of,
    list_of,
)
from registry.validation.shapes import ALL, BOOLEAN, LOOP, Shape
from registry.validation.syntax_tree import parsed

_PLAIN = frozenset(("string", "number", "boolean"))
_TEXT = frozenset(("string",))
_LISTED = frozenset(("array", "object"))
_HOLDING = _TEXT | _LISTED
_ORDERS = (frozenset(("number", "boolean")), _TEXT)
_NULL = frozenset(("null",))
_TAKES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("lower", "replace", "title", "trim", "upper"), _PLAIN),
    **dict.fromkeys(("indent", "truncate"), _TEXT),
    **dict.fromkeys(("first", "join", "last", "sort"), _LISTED),
    "length": _HOLDING,
    "tojson": ALL,
}
_MAKES: Mapping[str, Shape] = {"length": shapes.number(10)}


def failures(template: str, inputs: Mapping[str, Shape]) -> tuple[Failure, ...]:
    """Every place of a template, one that the whitelist allows, that fails for some inputs of these shapes.

    Raises:
        jinja2.TemplateSyntaxError: for what is no template.
    """
    tree = parsed(template)
    names = {node.target.name for node in tree.find_all(nodes.Assign) if isinstance(node.target, nodes.Name)}
    reader = _Reader({name: Value(shape, (name,), name=name) for name, shape in inputs.items()}, names)
    reader.block(tree.body)
    return tuple(dict.fromkeys(reader.found))


class _Reader:
    """Walks a template with what is known of its values at each place."""

    def __init__(self, inputs: Mapping[str, Value], names: Collection[str]) -> None:
        self._set = names
        self._scopes: list[dict[str, Value]] = [dict(inputs)]
        self._facts: frozenset[Fact] = frozenset()
        self._marks = 0
        self.found: list[Failure] = []

    def block(self, body: Iterable[nodes.Node]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: nodes.Node) -> None:
        match node:
            case nodes.Output():
                for child in node.nodes:
                    if not isinstance(child, nodes.TemplateData):
                        self._use(child, _PLAIN, "be printed as it is")
            case nodes.If():
                self._if([node, *node.elif_], node.else_)
            case nodes.For():
                self._for(node)
            case nodes.Assign(target=nodes.Name(name=name)):
                value = self._value(node.node)
                self._scopes[-1][name] = value if value.path else self._named(value, name)

    def _mark(self) -> Path:
        """A path that no other value has."""
        self._marks += 1
        return (f"#{self._marks}",)

    def _if(self, branches: list[nodes.If], otherwise: list[nodes.Node]) -> None:
        node, *more = branches
        self._there(node.test)
        before = dict(self._scopes[-1])
        with self._knowing(self._told(node.test, truth=True)):
            self.block(node.body)
        then, self._scopes[-1] = self._scopes[-1], before
        with self._knowing(self._told(node.test, truth=False)):
            if more:
                self._if(more, otherwise)
            else:
                self.block(otherwise)
        self._scopes[-1] = self._merged(then, self._scopes[-1])

    def _merged(self, then: Mapping[str, Value], other: Mapping[str, Value]) -> dict[str, Value]:
        """What names stand for behind two branches; one that is set in a single branch may be missing."""
        merged = {**then, **other}
        for name in merged:
            one, two = then.get(name, ABSENT), other.get(name, ABSENT)
            if one != two:
                merged[name] = self._named(either(one, two), name)
        return merged

    def _named(self, value: Value, name: str) -> Value:
        """A value that a template has worked out and set: facts can hold of it from now on."""
        return replace(value, path=self._mark(), name=name, parts=())

    def _for(self, node: nodes.For) -> None:
        over = self._use(node.iter, _LISTED, "be gone through by a loop")
        if isinstance(node.target, nodes.Name):
            each = Value(over.shape.element, self._mark(), name=node.target.name)
            with self._inside(node.target.name, each):
                facts = filled(over.path)
                with self._knowing(facts):
                    if node.test is not None:
                        self._there(node.test)
                        facts |= self._told(node.test, truth=True)
                with self._knowing(facts):
                    self.block(node.body)
        self.block(node.else_)

    @contextmanager
    def _inside(self, name: str, each: Value) -> Iterator[None]:
        self._scopes.append({name: each, "loop": Value(LOOP, self._mark(), name="loop")})
        yield
        self._scopes.pop()

    @contextmanager
    def _knowing(self, facts: Iterable[Fact]) -> Iterator[None]:
        before, self._facts = self._facts, self._facts.union(facts)
        yield
        self._facts = before

    def _told(self, test: nodes.Node, *, truth: bool) -> frozenset[Fact]:
        return told(test, self._path, truth=truth)

    def _path(self, node: nodes.Node) -> Path:
        """The path of a plain access; nothing is noted on the way."""
        before = len(self.found)
        path = self._value(node).path
        del self.found[before:]
        return path

    def _there(self, node: nodes.Node) -> Value:
        return self._use(node, ALL, "")

    def _use(self, node: nodes.Node, kinds: frozenset[str], deed: str) -> Value:
        """The value of an expression, which must be of these kinds; what else it may be is noted."""
        value = self._value(node)
        self._require(node, value, kinds, deed)
        return value

    def _require(self, node: nodes.Node, value: Value, kinds: frozenset[str], deed: str) -> None:
        unfit = kinds_of(value) - kinds
        if not unfit or not value.shape.known:
            return
        blamed = next((part for part in value.parts if unfit & kinds_of(part)), None)
        if blamed is not None:
            self._require(node, blamed, kinds, deed)
        elif "missing" in unfit or unfit == _NULL:
            kind = "missing" if "missing" in unfit else "null"
            listed = "array" in value.shape.kinds and not value.shape.kinds - {"array", "null"}
            self.found.append(Absence(node.lineno or 1, value.name, kind, "[]" if listed else "''"))
        else:
            self.found.append(
                Misfit(
                    node.lineno or 1,
                    value.name,
                    tuple(sorted(unfit)),
                    deed,
                    tuple(sorted(kinds_of(value) & kinds)),
                )
            )

    def _value(self, node: nodes.Node) -> Value:
        rule = _RULES.get(type(node))
        if rule is None:
            for child in node.iter_child_nodes():
                self._there(child)
            return Value()
        value: Value = rule(self, node)
        return self._narrowed(value) if value.path else value

    def _narrowed(self, value: Value) -> Value:
        """The value with what is known of it taken off."""
        shape, path = value.shape, value.path
        ruled_out = {kind for where, kind in self._facts if where == path}
        least = max(shape.least, int(((*path, 0), "missing") in self._facts))
        if shape is not LOOP and (ruled_out & shape.kinds or least != shape.least):
            shape = replace(shape, kinds=shape.kinds - ruled_out, least=least)
        return replace(value, shape=shape, missing=value.missing and "missing" not in ruled_out)

    def _name(self, node: nodes.Name) -> Value:
        held = next((scope[node.name] for scope in reversed(self._scopes) if node.name in scope), None)
        if held is None and node.name in self._set:
            return replace(ABSENT, name=node.name)
        return held or Value()

    def _property(self, node: nodes.Getattr | nodes.Getitem) -> Value:
        base = self._use(node.node, ALL - _NULL, "")
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        if isinstance(key, str):
            return self._held(base, key)
        return self._element(base, int(key)) if isinstance(key, int) else Value()

    def _held(self, base: Value, key: str) -> Value:
        shape = base.shape
        if not shape.known:
            return Value()
        found = shape.properties.get(key)
        if found is None and shape.open:
            found = shape.others or shapes.anything("", shape.roots)
        path = (*base.path, key) if base.path else ()
        sure = key in shape.needed or (path, UNKEYED) in self._facts
        missing = not sure or shape.kinds != {"object"} or found is None
        return Value(found or Shape(frozenset()), path, missing, f"{base.name}.{key}" if base.name else "")

    def _element(self, base: Value, position: int) -> Value:
        shape = base.shape
        if not shape.known:
            return Value()
        sure = shape.kinds == {"array"} and abs(position) + (position >= 0) <= shape.least
        path = (*base.path, position) if base.path else ()
        name = f"{base.name}[{max(position, 0)}]" if base.name else ""
        return Value(shape.element, path, not sure, name)

    def _filter(self, node: nodes.Filter) -> Value:
        if node.node is None:
            return Value()
        if node.name == "default":
            return self._default(node, node.node)
        value = self._use(node.node, _TAKES.get(node.name, ALL), f"go through {node.name}")
        if node.name in ("first", "last"):
            listed = replace(value, shape=list_of(value.shape))
            return self._element(listed, ELEMENTS[node.name == "last"])
        if node.name == "join":
            self._require(node, self._element_of(value), _PLAIN, "be joined")
        if node.name == "sort":
            return self._sorted(node, value)
        return Value(_MAKES.get(node.name, shapes.text(0)))

    def _element_of(self, value: Value) -> Value:
        return Value(value.shape.element, name=f"{value.name}[0]" if value.name else "")

    def _sorted(self, node: nodes.Filter, value: Value) -> Value:
        given = [*node.args[2:3], *(pair.value for pair in node.kwargs if pair.key == "attribute")]
        for attribute in str(getattr(given[0], "value", "")).split(",") if given else ("",):
            reached = self._element_of(value)
            for step in filter(None, attribute.split(".")):
                self._require(node, reached, ALL - _NULL, "")
                reached = self._element(reached, int(step)) if step.isdecimal() else self._held(reached, step)
            if not any(kinds_of(reached) <= order for order in _ORDERS):
                order = next((each for each in _ORDERS if each & kinds_of(reached)), _TEXT)
                self._require(node, reached, order, "be sorted with the others")
        return Value(list_of(value.shape))

    def _default(self, node: nodes.Filter, inner: nodes.Node) -> Value:
        value = self._value(inner)
        given = dict(zip(("default_value", "boolean"), node.args, strict=False))
        given |= {str(pair.key): pair.value for pair in node.kwargs}
        emptied = getattr(given.get("boolean"), "value", False) is True
        kept = replace(value, missing=False, path=())
        if emptied:
            kept = replace(kept, shape=replace(kept.shape, kinds=kept.shape.kinds - _NULL))
        put = given.get("default_value")
        instead = self._value(put) if put is not None else Value(shapes.of_value(""))
        return either(kept, instead) if value.missing or emptied else kept

    def _test(self, node: nodes.Test) -> Value:
        if node.name in TOLERANT:
            self._value(node.node)
            return Value(BOOLEAN)
        operands = [node.node, *(node.args or ())]
        values = [self._there(child) for child in operands]
        if node.name == "in" and len(values) == 2:
            self._look_into(node, values[0], values[1])
        return Value(BOOLEAN)

    def _logic(self, node: nodes.And | nodes.Or) -> Value:
        left = self._there(node.left)
        with self._knowing(self._told(node.left, truth=isinstance(node, nodes.And))):
            right = self._there(node.right)
        first = replace(left, missing=False, path=())
        if isinstance(node, nodes.Or):
            first = replace(first, shape=replace(first.shape, kinds=first.shape.kinds - _NULL))
        else:
            first = replace(first, shape=falsy(first.shape))
        return either(first, replace(right, missing=False, path=()))

    def _comparison(self, node: nodes.Compare) -> Value:
        one = self._there(node.expr)
        for operand in node.ops:
            other = self._there(operand.expr)
            if operand.op in ("in", "notin"):
                self._look_into(node, one, other)
            elif operand.op not in ("eq", "ne"):
                self._ordered(node, one, other)
            one = other
        return Value(BOOLEAN)

    def _look_into(self, node: nodes.Node, one: Value, other: Value) -> None:
        self._require(node, other, _HOLDING, "be looked into")
        if "string" in other.shape.kinds and other.shape.known:
            self._require(node, one, _TEXT, "be looked for in a text")
        if "object" in other.shape.kinds and other.shape.known:
            self._require(node, one, _PLAIN | _NULL, "be looked for in an object")

    def _ordered(self, node: nodes.Node, one: Value, other: Value) -> None:
        """Two numbers have an order, two texts, and two lists of either."""
        if not (one.shape.known and other.shape.known):
            return
        if kinds_of(one) == kinds_of(other) == {"array"}:
            self._ordered(node, self._element_of(one), self._element_of(other))
            return
        kinds = (kinds_of(one), kinds_of(other))
        wanted = next((order for order in _ORDERS if any(each <= order for each in kinds)), _TEXT)
        for value in (one, other):
            self._require(node, value, wanted, "be compared by size with the other")

    def _choice(self, node: nodes.CondExpr) -> Value:
        self._there(node.test)
        with self._knowing(self._told(node.test, truth=True)):
            one = replace(self._value(node.expr1), path=())
        with self._knowing(self._told(node.test, truth=False)):
            other = replace(self._value(node.expr2), path=()) if node.expr2 is not None else ABSENT
        return either(one, other)

    def _not(self, node: nodes.Not) -> Value:
        self._there(node.node)
        return Value(BOOLEAN)

    def _list(self, node: nodes.List | nodes.Tuple) -> Value:
        return Value(shapes.array([self._there(item).shape for item in node.items]))

    def _sum(self, node: nodes.Node) -> Value:
        for child in node.iter_child_nodes():
            self._use(child, _ORDERS[0], "be added to")
        return Value(shapes.number(10))


_RULES: Mapping[type[nodes.Node], Callable[[_Reader, Any], Value]] = {
    nodes.Name: _Reader._name,
    nodes.Const: lambda _, node: Value(shapes.of_value(node.value)),
    nodes.Getattr: _Reader._property,
    nodes.Getitem: _Reader._property,
    nodes.Filter: _Reader._filter,
    nodes.Test: _Reader._test,
    nodes.And: _Reader._logic,
    nodes.Or: _Reader._logic,
    nodes.Not: _Reader._not,
    nodes.CondExpr: _Reader._choice,
    nodes.Compare: _Reader._comparison,
    **dict.fromkeys((nodes.List, nodes.Tuple), _Reader._list),
    **dict.fromkeys((nodes.Add, nodes.Sub, nodes.Neg), _Reader._sum),
}
