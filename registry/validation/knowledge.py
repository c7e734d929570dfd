"""What a test in a template tells of the values it asks about: which kinds they cannot be where it came out so.

It must never tell more than holds for every value: a failure behind a test that says too much would pass unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2 import nodes

from registry.validation.shapes import ALL

# A value by its steps: the input's name or a set variable's mark, then properties and positions; () for no value.
Path = tuple[str | int, ...]
Fact = tuple[Path, str]  # the value at this path is not of this kind, or not "missing"
UNKEYED = "unkeyed"  # in a fact: what holds the value has its name among its keys, if it is an object
ELEMENTS = (0, -1)  # the first and the last of a list: there, where it is not empty
_EVERY = ALL | {"missing"}
_TESTED: Mapping[str, frozenset[str]] = {
    "boolean": frozenset(("boolean",)),
    "defined": ALL,
    "mapping": frozenset(("object",)),
    "none": frozenset(("null",)),
    "number": frozenset(("number", "boolean")),  # Python's truth values are numbers
    "sequence": frozenset(("array", "object", "string")),
    "string": frozenset(("string",)),
    "undefined": frozenset(("missing",)),
}
TOLERANT = frozenset(_TESTED)  # the tests that what is missing passes or fails, where all else refuses it
_KEEPING = frozenset(("length", "lower", "title", "trim", "upper"))  # nothing in, nothing out


def told(test: nodes.Node, path_of: Callable[[nodes.Node], Path], *, truth: bool) -> frozenset[Fact]:
    """What is known once a test came out true, or false; ``path_of`` names a plain access."""
    match test:
        case nodes.Not():
            return told(test.node, path_of, truth=not truth)
        case nodes.And() | nodes.Or():
            one, other = (told(side, path_of, truth=truth) for side in (test.left, test.right))
            return one | other if truth == isinstance(test, nodes.And) else one & other
        case nodes.Test(name=name) if name in _TESTED:
            kinds = _EVERY - _TESTED[name] if truth else _TESTED[name]
            return _not_any(path_of(test.node), kinds)
        case nodes.Compare(ops=[nodes.Operand(op=op, expr=other)]):
            return _compared(test.expr, op, other, path_of, truth=truth)
        case nodes.Filter(name="default", node=nodes.Expr() as inner) if truth and _is_empty(test):
            return told(inner, path_of, truth=True)
        case nodes.Filter(name=name, node=nodes.Expr() as inner) if truth and name in _KEEPING:
            return told(inner, path_of, truth=True)
        case nodes.Name() | nodes.Getattr() | nodes.Getitem() if truth:
            return filled(path_of(test))
    return frozenset()


def filled(path: Path) -> frozenset[Fact]:
    """What is known of a value that counts as true: it is there, and is no empty list."""
    there = _not_any(path, frozenset(("missing", "null")))
    return there.union(*(_not_any((*path, step), frozenset(("missing",))) for step in ELEMENTS if path))


def _not_any(path: Path, kinds: frozenset[str]) -> frozenset[Fact]:
    return frozenset((path, kind) for kind in kinds if path)


def _compared(
    one: nodes.Node, op: str, other: nodes.Node, path_of: Callable[[nodes.Node], Path], *, truth: bool
) -> frozenset[Fact]:
    if op == "in" and truth and isinstance(one, nodes.Const) and isinstance(one.value, str):
        path = path_of(other)
        return frozenset([((*path, one.value), UNKEYED)] if path else [])
    if isinstance(other, nodes.Const) and other.value is None and op in ("eq", "ne"):
        kinds = frozenset(("null",))
        return _not_any(path_of(one), kinds if truth == (op == "ne") else _EVERY - kinds)
    return frozenset()


def _is_empty(default: nodes.Filter) -> bool:
    """True where ``default`` puts something empty in the place of what is missing."""
    put = default.args[:1]
    return not default.kwargs and all(isinstance(each, nodes.Const) and not each.value for each in put)
