"""What a variable must be, from how a template uses it: looped over, looked into, or printed.

Formats without input schemas leave this to the reader; a use in the template is the one honest witness.
It must never take a type from a name, nor run the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError, nodes

from serve.core.model import Json
from serve.core.render import environment

_WHOLE = frozenset(("join", "sort", "first", "last"))  # filters that go over a list's items


@dataclass(slots=True)
class Usage:
    """How one value is used: its items, its named properties, or neither, which makes it text."""

    item: Usage | None = None
    properties: dict[str, Usage] = field(default_factory=dict)

    def items(self) -> Usage:
        """The usage of its items, which makes it a list."""
        if self.item is None:
            self.item = Usage()
        return self.item

    def schema(self) -> dict[str, Json]:
        """The JSON Schema that this usage asks for, without bounds."""
        if self.properties:
            held = {name: usage.schema() for name, usage in self.properties.items()}
            return {"type": "object", "properties": held, "required": list(held)}
        if self.item is not None:
            return {"type": "array", "items": self.item.schema()}
        return {"type": "string"}


def usages(templates: Iterable[str]) -> Mapping[str, Usage]:
    """How each free variable of some templates is used, in the order of their first use.

    A template that is not Jinja2, or nests too deeply, says nothing; lint names its fault.
    """
    walker = _Walker()
    for template in templates:
        try:
            walker.block(environment().parse(template).body)
        except (TemplateSyntaxError, RecursionError):
            continue
    return walker.free


class _Walker:
    def __init__(self) -> None:
        self.free: dict[str, Usage] = {}
        self._scopes: list[dict[str, Usage]] = [{}]

    def block(self, body: Iterable[nodes.Node]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: nodes.Node) -> None:
        match node:
            case nodes.For():
                over = self._usage(node.iter)
                inner = {"loop": Usage()}
                if isinstance(node.target, nodes.Name):
                    inner[node.target.name] = over.items() if over is not None else Usage()
                self._scopes.append(inner)
                self.block(node.body)
                self._scopes.pop()
                self.block(node.else_)
            case nodes.Assign():
                value = self._usage(node.node)
                if isinstance(node.target, nodes.Name):
                    self._scopes[-1][node.target.name] = value or Usage()
            case nodes.If():
                self._usage(node.test)
                for part in (node.body, node.elif_, node.else_):
                    self.block(part)
            case nodes.Expr():
                self._usage(node)
            case _:
                self.block(node.iter_child_nodes())

    def _usage(self, node: nodes.Node) -> Usage | None:
        match node:
            case nodes.Name():
                return self._named(node.name)
            case nodes.Getattr():
                return self._inside(node.node, node.attr)
            case nodes.Getitem(arg=nodes.Const(value=str(key))):
                return self._inside(node.node, key)
            case nodes.Getitem():
                self._usage(node.arg)
                over = self._usage(node.node)
                return over.items() if over is not None else None
            case nodes.Filter(node=nodes.Expr() as inner):
                return self._filtered(node, inner)
        for child in node.iter_child_nodes():
            self._usage(child)
        return None

    def _filtered(self, node: nodes.Filter, inner: nodes.Expr) -> Usage | None:
        for argument in node.args:
            self._usage(argument)
        over = self._usage(inner)
        if over is not None and node.name in _WHOLE:
            item = over.items()
            return item if node.name in ("first", "last") else None
        return over

    def _inside(self, node: nodes.Node, name: str) -> Usage | None:
        over = self._usage(node)
        if over is None or (isinstance(node, nodes.Name) and node.name == "loop"):
            return None
        return over.properties.setdefault(name, Usage())

    def _named(self, name: str) -> Usage:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return self.free.setdefault(name, Usage())
