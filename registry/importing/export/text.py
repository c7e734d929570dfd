"""Pieces of a template in another format's text: what is looked up, and what kind of value it is.

The walk over our syntax tree is the same for all formats with logic; only their tags differ.
It must never look at a template's text: the tree has its white space as it will be rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import nodes

from serve.core.model import Json


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of a template and the JSON Schema of each; loops lay theirs over those around them."""

    schemas: Mapping[str, Mapping[str, Json]]
    loops: tuple[str, ...] = field(default=())

    def inside(self, name: str, schema: Mapping[str, Json]) -> Scope:
        """The scope of a loop's body, where ``name`` is one item."""
        return Scope({**self.schemas, "loop": _LOOP, name: schema}, (*self.loops, name))

    def assigned(self, name: str, node: nodes.Node) -> Scope:
        """The scope after ``name`` was set; what was of another type before is of none that is known."""
        schema = self.schema(node)
        same = self.schemas.get(name, schema) == schema
        return Scope({**self.schemas, name: schema if same else {}}, self.loops)

    def schema(self, node: nodes.Node) -> Mapping[str, Json]:
        """The JSON Schema of a value, empty where nothing is known of it."""
        match node:
            case nodes.Name():
                return self.schemas.get(node.name, {})
            case nodes.Const():
                return {"const": node.value}
            case nodes.Filter() if node.name in _TEXTS:
                return {"type": "string"}
            case nodes.Getattr():
                return _property(self.schema(node.node), node.attr)
            case nodes.Getitem(arg=nodes.Const(value=str(key))):
                return _property(self.schema(node.node), key)
            case nodes.Getitem() | nodes.Filter(name="first" | "last"):
                return item_of(self.schema(node.node)) if node.node is not None else {}
            case nodes.Filter(name="default" | "sort"):
                return self.schema(node.node) if node.node is not None else {}
        return {}

    def can_be(self, node: nodes.Node, kind: str) -> bool:
        """True where a value may be of a JSON type; also where nothing is known of it."""
        match node:
            case nodes.Const():
                return _kind(node.value) == kind
            case nodes.Filter() if node.name in _TEXTS:
                return kind == "string"
            case nodes.Filter(name="length"):
                return kind == "integer"
            case nodes.Not() | nodes.Compare() | nodes.Test():
                return kind == "boolean"
            case nodes.And() | nodes.Or():
                return self.can_be(node.left, kind) or self.can_be(node.right, kind)
            case nodes.CondExpr():
                other = node.expr2 is not None and self.can_be(node.expr2, kind)
                return other or self.can_be(node.expr1, kind)
            case nodes.Filter(name="default", node=nodes.Expr() as inner):
                return any(self.can_be(one, kind) for one in (inner, *node.args))
        return self._declared(node, kind)

    def _declared(self, node: nodes.Node, kind: str) -> bool:
        schema = self.schema(node)
        kinds = schema.get("type")
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if isinstance(values, list):
            return any(_kind(value) == kind for value in values)
        return kinds is None or kind in ([kinds] if isinstance(kinds, str) else kinds)


_COUNTS = ("index", "index0", "length", "revindex", "revindex0")
_LOOP: Mapping[str, Json] = {
    "type": "object",
    "properties": {
        **{name: {"type": "integer"} for name in _COUNTS},
        **{name: {"type": "boolean"} for name in ("first", "last")},
    },
}
_TEXTS = frozenset(("indent", "join", "lower", "replace", "title", "tojson", "trim", "truncate", "upper"))


def item_of(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """The JSON Schema of one item of a list; that of a key where it is an object."""
    if schema.get("type") == "object":
        return {"type": "string"}
    items = schema.get("items")
    return items if isinstance(items, Mapping) else {}


def path_of(node: nodes.Node) -> tuple[str, ...] | None:
    """The name and the keys that lead to a value, or None where it is more than a look-up."""
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            before = path_of(node.node)
            return None if before is None else (*before, node.attr)
        case nodes.Getitem(arg=nodes.Const(value=str(key))):
            before = path_of(node.node)
            return None if before is None else (*before, key)
    return None


def _property(schema: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    properties = schema.get("properties")
    held = properties.get(key) if isinstance(properties, Mapping) else None
    return held if isinstance(held, Mapping) else {}


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    names: tuple[tuple[type, str], ...] = (
        (str, "string"),
        (int, "integer"),
        (float, "number"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "null")
