"""What each named filter makes of a value's shape, and which arguments it takes.

It must never let an argument through that is not a constant: growth would escape the size bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from jinja2 import nodes

from registry.validation import shapes
from registry.validation.shapes import UNKNOWN, Shape, Size, Unbounded
from serve.core.model import Json

INDENT = 40
_LEEWAY = 5  # Jinja2's policy truncate.leeway
_GROWS = {
    "upper": 3,
    "title": 3,
    "lower": 2,
}  # Unicode's longest special casing: ΐ in capitals is three characters
_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "first": (),
    "indent": ("width", "first", "blank"),
    "join": ("separator",),
    "last": (),
    "length": (),
    "lower": (),
    "replace": ("old", "new", "count"),
    "sort": ("reverse", "case_sensitive", "attribute"),
    "title": (),
    "tojson": (),
    "trim": ("chars",),
    "truncate": ("length", "killwords", "end", "leeway"),
    "upper": (),
}
Problems = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Call:
    node: nodes.Filter
    base: Shape
    given: Mapping[str, Json]
    problems: Problems

    def refuse(self, problem: str, hint: str) -> Shape:
        self.problems.append((problem, hint))
        return UNKNOWN

    def whole(self, name: str, default: int, most: int) -> int:
        value = self.given.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.refuse(f"{self.node.name} takes a {name} from 0 to {most}", "Write a plain number.")
            return default
        return value


def apply(node: nodes.Filter, base: Shape) -> tuple[Shape, Problems]:
    """The shape that a filter (any but ``default``) makes, and what is wrong with its use: problem, hint."""
    problems: Problems = []
    call = _Call(node, base, _arguments(node, problems), problems)
    if problems:
        return UNKNOWN, problems
    return _RULES[node.name](call), problems


def _arguments(node: nodes.Filter, problems: Problems) -> Mapping[str, Json]:
    known = _PARAMETERS[node.name]
    written: list[tuple[str, nodes.Node]] = list(zip(known, node.args, strict=False))
    written += [(str(pair.key), pair.value) for pair in node.kwargs]
    given = {name: value.value for name, value in written if isinstance(value, nodes.Const)}
    if node.dyn_args or node.dyn_kwargs or len(given) < len(node.args) + len(node.kwargs):
        problems.append(
            (f"{node.name} takes constant arguments only", f"It takes: {', '.join(known) or 'none'}.")
        )
    if not given.keys() <= set(known):
        problems.append((f"{node.name} has no such argument", f"It takes: {', '.join(known) or 'none'}."))
    return given


def _element(call: _Call) -> Shape:
    base = call.base
    if not base.loopable:
        return call.refuse(f"{call.node.name} takes a list", "Declare the input with type: array.")
    return base.item or UNKNOWN


def _sorted(call: _Call) -> Shape:
    base = call.base
    if not base.loopable:
        return call.refuse("sort takes a list", "Declare the input with type: array.")
    by = call.given.get("attribute", "")
    if not isinstance(by, str) or "_" in {step[:1] for step in by.split(".")}:
        return call.refuse("sort takes the name of a property", 'Write sort(attribute="name").')
    return replace(base, kinds=frozenset(("array",)), properties={}, open=False) if base.known else base


def _joined(call: _Call) -> Shape:
    base, separator = call.base, call.given.get("separator", "")
    if not base.loopable:
        return call.refuse("join takes a list", "Declare the input with type: array.")
    if not isinstance(separator, str):
        return call.refuse("join takes a text between the items", 'Write join(", ").')
    if not base.known:
        return base
    item = base.item or UNKNOWN
    if not item.printable:
        return call.refuse("join takes a list of texts or numbers", "Use a loop for lists of objects.")
    each = shapes.plus(item.printed, len(separator))
    return shapes.text(shapes.times_size(base.count, each), base.roots | item.roots)


def _cased(call: _Call) -> Shape:
    return _texted(call, shapes.times(_GROWS[call.node.name], call.base.printed))


def _trimmed(call: _Call) -> Shape:
    return _texted(call, call.base.printed)


def _indented(call: _Call) -> Shape:
    width = call.whole("width", 4, INDENT)
    return _texted(call, shapes.plus(shapes.times(1 + width, call.base.printed), width))


def _replaced(call: _Call) -> Shape:
    old, new = call.given.get("old"), call.given.get("new")
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        return call.refuse("replace takes two texts, the first not empty", 'Write replace("old", "new").')
    if _has_replace(call.node.node):
        return call.refuse(
            "one replace in an expression is the most", "Hand the finished text in as an input."
        )
    size = call.base.printed
    grown: Size = (
        size if isinstance(size, Unbounded) else size // len(old) * max(len(new), len(old)) + len(old)
    )
    return _texted(call, grown)


def _has_replace(node: nodes.Node | None) -> bool:
    inner = [] if node is None else [node, *node.find_all(nodes.Filter)]
    return any(isinstance(found, nodes.Filter) and found.name == "replace" for found in inner)


def _truncated(call: _Call) -> Shape:
    end = call.given.get("end", "...")
    if not isinstance(end, str):
        return call.refuse("truncate takes a text as its end", 'Write truncate(200, end="…").')
    length = call.whole("length", 255, 10**6)
    if len(end) > length:
        return call.refuse("truncate needs a length that has room for its end", "Give a greater length.")
    most = length + call.whole("leeway", _LEEWAY, 100)
    size = call.base.printed
    return _texted(call, most if isinstance(size, Unbounded) else min(size, most))


def _as_json(call: _Call) -> Shape:
    return shapes.text(call.base.as_json, call.base.roots) if call.base.known else UNKNOWN


def _texted(call: _Call, size: Size) -> Shape:
    if not call.base.known:
        return UNKNOWN
    if not call.base.printable:
        return call.refuse(
            f"{call.node.name} takes text", "Use a loop, join or tojson for lists and objects."
        )
    return shapes.text(size, call.base.roots)


_RULES: Mapping[str, Callable[[_Call], Shape]] = {
    "first": _element,
    "indent": _indented,
    "join": _joined,
    "last": _element,
    "length": lambda _: shapes.number(10),
    "lower": _cased,
    "replace": _replaced,
    "sort": _sorted,
    "title": _cased,
    "tojson": _as_json,
    "trim": _trimmed,
    "truncate": _truncated,
    "upper": _cased,
}
