"""Where a template reads what may not be there: an optional property, null, the first of an empty list.

A render with such inputs is refused, although they fit their schema; so it is found here, before any call.
It must never warn of what a test around it, or ``default``, takes care of; what no plain schema describes passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from jinja2 import TemplateSyntaxError, nodes

from registry.validation.syntax_tree import parsed
from serve.core.model import Json

Kind = Literal["missing", "null"]
Fact = tuple[str, Kind]
_TYPED = frozenset(("string", "number", "boolean", "mapping", "sequence"))
_TOLERANT = frozenset((*_TYPED, "defined", "undefined", "none"))
_COMPOSED = frozenset(("anyOf", "oneOf", "allOf", "$ref", "if"))
_KEEPING = frozenset(("length", "lower", "title", "trim", "upper"))  # nothing in, nothing out
_ELEMENT = "[0]"
_ELEMENTS = re.compile(r"\|\s*(?:first|last)\b|\w\s*\[")


@dataclass(frozen=True, slots=True)
class Absence:
    """A value as the template names it, what it may be, and the line from 1 that reads it.

    ``instead`` is what a template can write in its place: an empty text or an empty list.
    """

    line: int
    name: str
    kind: Kind
    instead: str


@dataclass(frozen=True, slots=True)
class _Value:
    """What is known of an expression: its schema and path where it has them, and what it may be instead."""

    schema: Mapping[str, Json] | None = None
    path: str = ""
    may: frozenset[Kind] = frozenset()


_ANY = _Value()


def absences(template: str, inputs: Mapping[str, Mapping[str, Json]]) -> tuple[Absence, ...]:
    """Every place of a template that fails for some inputs that fit their schemas."""
    if not any(map(_is_doubtful, inputs.values())) and not _ELEMENTS.search(template):
        return ()
    try:
        body = parsed(template).body
        reader = _Reader({name: _of(schema, name) for name, schema in inputs.items()})
        reader.block(body)
    except (TemplateSyntaxError, RecursionError):
        return ()  # what is wrong there is told already
    return tuple(dict.fromkeys(reader.found))


def _is_doubtful(schema: Json) -> bool:
    """True when some part of a schema may be left out or be null."""
    if not isinstance(schema, Mapping):
        return False
    held, needed = schema.get("properties"), schema.get("required", ())
    if isinstance(held, Mapping) and not set(held) <= set(needed):
        return True
    if _is_nullable(schema) or _is_doubtful(schema.get("items")):
        return True
    return isinstance(held, Mapping) and any(map(_is_doubtful, held.values()))


def _is_nullable(schema: Mapping[str, Json]) -> bool:
    kinds = schema.get("type")
    if schema.keys() & {"enum", "const"}:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        return None in values and values != [None]  # what is always null is told where it is printed
    return isinstance(kinds, list) and "null" in kinds


def _of(schema: Json, path: str, *may: Kind) -> _Value:
    if not isinstance(schema, Mapping) or schema.keys() & _COMPOSED:
        return _Value(None, path, frozenset(may))
    null: tuple[Kind, ...] = ("null",) if _is_nullable(schema) else ()
    return _Value(schema, path, frozenset((*may, *null)))


def _is_filled(node: nodes.Node) -> bool:
    return not isinstance(node, nodes.Const) or bool(node.value)


def _merged(then: Mapping[str, _Value], other: Mapping[str, _Value]) -> dict[str, _Value]:
    """What names stand for behind two branches; one that is set in a single branch may be missing."""
    merged = {**then, **other}
    for name in merged:
        one, two = (held.get(name, _Value(may=frozenset(("missing",)))) for held in (then, other))
        if one != two:
            merged[name] = _Value(None, name, one.may | two.may)
    return merged


class _Reader:
    """Walks a template with what is known to be there at each place."""

    def __init__(self, inputs: Mapping[str, _Value]) -> None:
        self._scopes: list[dict[str, _Value]] = [dict(inputs)]
        self._facts: list[frozenset[Fact]] = [frozenset()]
        self._loops = 0
        self.found: list[Absence] = []

    def block(self, body: Iterable[nodes.Node]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: nodes.Node) -> None:
        match node:
            case nodes.Output():
                for child in node.nodes:
                    self._use(child, "missing", "null")
            case nodes.If():
                self._if(node)
            case nodes.For():
                self._for(node)
            case nodes.Assign(target=nodes.Name(name=name)):
                self._scopes[-1][name] = self._value(node.node)

    def _if(self, node: nodes.If) -> None:
        self._use(node.test, "missing")
        before = dict(self._scopes[-1])
        with self._knowing(self._told(node.test, truth=True)):
            self.block(node.body)
        then, self._scopes[-1] = self._scopes[-1], before
        with self._knowing(self._told(node.test, truth=False)):
            if node.elif_:
                self._if(nodes.If(node.elif_[0].test, node.elif_[0].body, node.elif_[1:], node.else_))
            else:
                self.block(node.else_)
        self._scopes[-1] = _merged(then, self._scopes[-1])

    def _for(self, node: nodes.For) -> None:
        over = self._use(node.iter, "missing", "null")
        if isinstance(node.target, nodes.Name):
            self._loops += 1
            item = over.schema.get("items") if over.schema is not None else None
            each = _of(item, f"{node.target.name}#{self._loops}")
            self._scopes.append({node.target.name: each, "loop": _ANY})
            facts: set[Fact] = {(f"{over.path}{_ELEMENT}", "missing")} if over.path else set()
            if node.test is not None:
                self._use(node.test, "missing")
                facts |= self._told(node.test, truth=True)
            with self._knowing(facts):
                self.block(node.body)
            self._scopes.pop()
        self.block(node.else_)

    def _use(self, node: nodes.Node, *kinds: Kind) -> _Value:
        """The value of an expression, where it must not be any of these."""
        value = self._value(node)
        for kind in kinds:
            if kind in value.may and not self._knows(value, kind):
                name = "".join(part.lstrip("0123456789") for part in value.path.split("#"))
                listed = value.schema is not None and value.schema.get("type") == "array"
                self.found.append(Absence(node.lineno or 1, name, kind, "[]" if listed else "''"))
                break
        return value

    def _value(self, node: nodes.Node) -> _Value:
        rule = _RULES.get(type(node))
        if rule is not None:
            return rule(self, node)
        for child in node.iter_child_nodes():
            self._use(child, "missing")
        return _ANY

    def _name(self, node: nodes.Name) -> _Value:
        held = (scope[node.name] for scope in reversed(self._scopes) if node.name in scope)
        return next(held, _ANY)

    def _property(self, node: nodes.Getattr | nodes.Getitem) -> _Value:
        base = self._use(node.node, "missing", "null")
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        if base.schema is None:
            return _ANY
        if isinstance(key, int):
            return self._element(base, key)
        held = base.schema.get("properties", {})
        if not isinstance(key, str) or key not in held:
            return _ANY
        may: tuple[Kind, ...] = () if key in base.schema.get("required", ()) else ("missing",)
        return _of(held[key], f"{base.path}.{key}", *may)

    def _element(self, base: _Value, position: int) -> _Value:
        schema = base.schema or {}
        sure = abs(position) + (position >= 0) <= schema.get("minItems", 0)
        first = position in (0, -1)
        path = f"{base.path}{_ELEMENT if first else f'[{position}]'}"
        return _of(schema.get("items"), path, *(() if sure else ("missing",)))

    def _filter(self, node: nodes.Filter) -> _Value:
        if node.node is None:
            return _ANY
        if node.name == "default":
            value = self._value(node.node)
            falsy = any(getattr(argument, "value", None) is True for argument in node.args[1:2])
            return replace(value, may=frozenset() if falsy else value.may - {"missing"}, path="")
        value = self._use(node.node, "missing", *(() if node.name == "tojson" else ("null",)))
        if node.name in ("first", "last") and value.schema is not None:
            return self._element(value, 0)
        return value if node.name == "sort" else _ANY

    def _test(self, node: nodes.Test) -> _Value:
        if node.name in _TOLERANT:
            self._value(node.node)
        else:
            for child in node.iter_child_nodes():
                self._use(child, "missing")
        return _ANY

    def _logic(self, node: nodes.And | nodes.Or) -> _Value:
        left = self._use(node.left, "missing")
        with self._knowing(self._told(node.left, truth=isinstance(node, nodes.And))):
            right = self._use(node.right, "missing")
            comes = right if "null" in right.may and not self._knows(right, "null") else _ANY
        if isinstance(node, nodes.And) and "null" in left.may and not self._knows(left, "null"):
            comes = left
        return replace(comes, may=comes.may & {"null"})

    def _comparison(self, node: nodes.Compare) -> _Value:
        """Null has no order and holds nothing; it can be equal to something."""
        ordered = any(operand.op not in ("eq", "ne", "in", "notin") for operand in node.ops)
        self._use(node.expr, "missing", *(("null",) if ordered else ()))
        for operand in node.ops:
            self._use(operand.expr, "missing", *(("null",) if operand.op not in ("eq", "ne") else ()))
        return _ANY

    def _knows(self, value: _Value, kind: Kind) -> bool:
        return (value.path, kind) in self._facts[-1]

    def _choice(self, node: nodes.CondExpr) -> _Value:
        self._use(node.test, "missing")
        with self._knowing(self._told(node.test, truth=True)):
            one = self._use(node.expr1, "missing", "null")
        if node.expr2 is not None:
            with self._knowing(self._told(node.test, truth=False)):
                self._use(node.expr2, "missing", "null")
        return replace(one, may=frozenset(), path="")

    @contextmanager
    def _knowing(self, facts: Iterable[Fact]) -> Iterator[None]:
        self._facts.append(self._facts[-1] | frozenset(facts))
        yield
        self._facts.pop()

    def _told(self, test: nodes.Node, *, truth: bool) -> set[Fact]:
        """What is known to be there once a test came out true, or false."""
        match test:
            case nodes.Not():
                return self._told(test.node, truth=not truth)
            case nodes.And() if truth:
                return self._told(test.left, truth=True) | self._told(test.right, truth=True)
            case nodes.Or() if not truth:
                return self._told(test.left, truth=False) | self._told(test.right, truth=False)
            case nodes.Test():
                return self._told_by_test(test, truth=truth)
            case nodes.Compare(ops=[nodes.Operand(op=op, expr=other)]):
                return self._told_by_comparison(test.expr, op, other, truth=truth)
            case nodes.Filter(name="default") if truth and not any(
                _is_filled(each) for each in test.args[:1]
            ):
                return self._told(test.node, truth=True) if test.node else set()
            case nodes.Filter(name=name) if truth and name in _KEEPING:
                return self._told(test.node, truth=True) if test.node else set()
            case nodes.Name() | nodes.Getattr() | nodes.Getitem() if truth:
                path = self._path(test)
                return {(path, "missing"), (path, "null"), (f"{path}{_ELEMENT}", "missing")}
        return set()

    def _told_by_test(self, test: nodes.Test, *, truth: bool) -> set[Fact]:
        path = self._path(test.node)
        if (test.name, truth) in (("defined", True), ("undefined", False)):
            return {(path, "missing")}
        if (test.name, truth) == ("none", False):
            return {(path, "null")}
        return {(path, "missing"), (path, "null")} if truth and test.name in _TYPED else set()

    def _told_by_comparison(self, one: nodes.Node, op: str, other: nodes.Node, *, truth: bool) -> set[Fact]:
        if op == "in" and truth and isinstance(one, nodes.Const):
            return {(f"{self._path(other)}.{one.value}", "missing")}
        is_none = isinstance(other, nodes.Const) and other.value is None
        return {(self._path(one), "null")} if is_none and truth == (op == "ne") else set()

    def _path(self, node: nodes.Node) -> str:
        """The path of a plain access; nothing is noted on the way."""
        before = len(self.found)
        path = self._value(node).path
        del self.found[before:]
        return path


_RULES: Mapping[type[nodes.Node], Callable[[_Reader, Any], _Value]] = {
    nodes.Name: _Reader._name,
    nodes.Getattr: _Reader._property,
    nodes.Getitem: _Reader._property,
    nodes.Filter: _Reader._filter,
    nodes.Test: _Reader._test,
    nodes.And: _Reader._logic,
    nodes.Or: _Reader._logic,
    nodes.CondExpr: _Reader._choice,
    nodes.Compare: _Reader._comparison,
    **dict.fromkeys((nodes.Const, nodes.TemplateData), lambda _reader, _node: _ANY),
}
