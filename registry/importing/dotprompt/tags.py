"""What a tag of a dotprompt body says by itself: the helper it names, the names it uses, a loop over turns.

It must never look at more than the tags themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from registry.importing.dotprompt.handlebars import Block, Call, Expression, Node, Output, Partial, Path, Text
from registry.importing.dotprompt.names import Known, Scope

MARKERS = frozenset(("role", "history", "media", "section"))
_LOOKS = frozenset(("content", "text", "message"))


def guarded(known: Known, expression: str) -> str:
    """An expression that prints nothing where its value may be missing and is."""
    if not known.guards:
        return expression
    if known.guards == (expression,):
        return f'{expression} | default("")'
    return f'{expression} if {" and ".join(f"{guard} is defined" for guard in known.guards)} else ""'


def compared(sign: str, left: Known, right: Known) -> str:
    """A comparison that is false where a value is missing."""
    test = f"{left.whole} {sign} {right.whole}"
    return " and ".join([*(f"{guard} is defined" for guard in (*left.guards, *right.guards)), test])


def constant(value: str | float | bool | None) -> str:
    """A constant as an expression."""
    return "none" if value is None else json.dumps(value, ensure_ascii=False)


def plain_name(call: Call) -> str:
    """The name of a call that may be a helper's."""
    name = call.name
    if isinstance(name, Path) and len(name.parts) == 1 and not (name.up or name.data or name.scoped):
        return name.parts[0]
    return ""


def roots(nodes: tuple[Node, ...]) -> Iterator[str]:
    """Every first part of a path, so that a loop's variable is called otherwise."""
    for node in nodes:
        if isinstance(node, Output | Partial | Block):
            yield from _of_call(node.call)
        if isinstance(node, Block):
            inside = roots((*node.body, *node.inverse))
            yield from (name for name in inside if name not in node.names)


def _of_call(call: Expression) -> Iterator[str]:
    if isinstance(call, Path):
        yield from call.parts[:1]
    if isinstance(call, Call):
        named = () if call.params or call.hash or plain_name(call) in MARKERS else (call.name,)
        for each in (*named, *call.params, *call.hash.values()):
            yield from _of_call(each)


def is_history(body: tuple[Node, ...]) -> bool:
    """True for a loop that does nothing but give each item's role and content."""
    told = [node for node in body if not isinstance(node, Text) or node.text.strip()]
    if len(told) != 2 or not all(isinstance(node, Output) for node in told):
        return False
    first, second = (node.call for node in told if isinstance(node, Output))
    role = first.params[0] if plain_name(first) == "role" and len(first.params) == 1 else None
    has_role = isinstance(role, Path) and role.parts[-1:] == ("role",)
    return (
        has_role and isinstance(second.name, Path) and second.name.parts[-1:] in {(name,) for name in _LOOKS}
    )


def looks_inside(nodes: tuple[Node, ...]) -> bool:
    """True where some nodes print a value."""
    return any(
        (isinstance(node, Output) and isinstance(node.call.name, Path) and not node.call.params)
        or (isinstance(node, Block) and looks_inside(node.body))
        for node in nodes
    )


def in_loop(scope: Scope | None) -> bool:
    """True inside a loop."""
    return scope is not None and (scope.loop or in_loop(scope.outer))


def slug(name: str) -> str:
    """A name in the letters that paths have."""
    return re.sub(r"[^a-z0-9_/-]+", "-", name.lower()).strip("-/") or "partial"
