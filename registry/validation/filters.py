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
_TIMES = 10**9  # replacements; far beyond every text, and a number that C can hold
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
_PLAIN = frozenset(("string", "number", "boolean"))
_TEXT = frozenset(("string",))
_SIZED = frozenset(("string", "array", "object"))
_ORDERS = (frozenset(("number", "boolean")), _TEXT)  # of what can be sorted among itself


@dataclass(frozen=True, slots=True)
class _Call:
    node: nodes.Filter
    base: Shape
    given: Mapping[str, Json]
    problems: Problems

    def refuse(self, problem: str, hint: str) -> Shape:
        self.problems.append((problem, hint))
        return UNKNOWN

    @property
    def words(self) -> Size:
        """The most characters of the value as a text, where Jinja2 writes null as None."""
        null = len("None") if "null" in self.base.kinds else 0
        return shapes.worst(self.base.printed, null)

    def whole(self, name: str, default: int, most: int) -> int:
        value = self.given.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.refuse(f"{self.node.name} takes a {name} from 0 to {most}", "Write a plain number.")
            return default
        return value

    def is_only(self, kinds: frozenset[str]) -> bool:
        """True where the value can be nothing but these, or null, which is looked after elsewhere."""
        return not self.base.known or (self.base.kinds <= kinds | {"null"} and self.base.kinds != {"null"})


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
    if base.known and base.count == 0:
        return call.refuse(f"{call.node.name} of a list that is always empty", "Raise maxItems.")
    return base.element


def _sorted(call: _Call) -> Shape:
    base = call.base
    if not base.loopable:
        return call.refuse("sort takes a list", "Declare the input with type: array.")
    by = call.given.get("attribute", "")
    if by == "" and "attribute" in call.given:
        return call.refuse("sort takes the name of a property", 'Write sort(attribute="name").')
    if not isinstance(by, str) or "_" in {step[:1] for step in by.split(".")}:
        return call.refuse("sort takes the name of a property", 'Write sort(attribute="name").')
    if not isinstance(call.given.get("reverse", False), bool):
        return call.refuse("sort takes true or false for reverse", "Write sort(reverse=true).")
    if not by and base.item is not None and not _has_order(base.item):
        return call.refuse(
            "sort takes a list of texts or a list of numbers", 'Write sort(attribute="name") for objects.'
        )
    return replace(base, kinds=frozenset(("array",)), properties={}, open=False) if base.known else base


def _has_order(item: Shape) -> bool:
    return not item.known or any(item.kinds <= order for order in _ORDERS)


def _joined(call: _Call) -> Shape:
    base, separator = call.base, call.given.get("separator", "")
    if not base.loopable:
        return call.refuse("join takes a list", "Declare the input with type: array.")
    if not isinstance(separator, str):
        return call.refuse("join takes a text between the items", 'Write join(", ").')
    if not base.known:
        return base
    item = base.element
    if not item.known or not item.kinds <= _PLAIN:
        return call.refuse("join takes a list of texts or numbers", "Use a loop for lists of objects.")
    each = shapes.plus(item.printed, len(separator))
    return shapes.text(shapes.times_size(base.count, each), base.roots | item.roots)


def _cased(call: _Call) -> Shape:
    return _texted(call, shapes.times(_GROWS[call.node.name], call.words))


def _trimmed(call: _Call) -> Shape:
    if not isinstance(call.given.get("chars", ""), str):
        return call.refuse("trim takes the characters to cut off as a text", 'Write trim("-").')
    return _texted(call, call.words)


def _indented(call: _Call) -> Shape:
    width = call.whole("width", 4, INDENT)
    return _texted(call, shapes.plus(shapes.times(1 + width, call.words), width), _TEXT)


def _replaced(call: _Call) -> Shape:
    old, new = call.given.get("old"), call.given.get("new")
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        return call.refuse("replace takes two texts, the first not empty", 'Write replace("old", "new").')
    count = call.given.get("count")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or abs(count) > _TIMES):
        return call.refuse("replace takes a number of times", 'Write replace("old", "new", 1).')
    if _has_replace(call.node.node):
        return call.refuse(
            "one replace in an expression is the most", "Hand the finished text in as an input."
        )
    size = call.words
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
    size = call.words
    return _texted(call, most if isinstance(size, Unbounded) else min(size, most), _TEXT)


def _measured(call: _Call) -> Shape:
    if not call.is_only(_SIZED):
        return call.refuse("length takes a text, a list or an object", "Give the input one of these types.")
    return shapes.number(10)


def _as_json(call: _Call) -> Shape:
    return shapes.text(call.base.as_json, call.base.roots) if call.base.known else UNKNOWN


def _texted(call: _Call, size: Size, kinds: frozenset[str] = _PLAIN) -> Shape:
    if not call.base.known:
        return UNKNOWN
    if not call.is_only(kinds):
        hint = "Use a loop, join or tojson for lists and objects; print numbers as they are."
        return call.refuse(f"{call.node.name} takes text", hint)
    return shapes.text(size, call.base.roots)


_RULES: Mapping[str, Callable[[_Call], Shape]] = {
    "first": _element,
    "indent": _indented,
    "join": _joined,
    "last": _element,
    "length": _measured,
    "lower": _cased,
    "replace": _replaced,
    "sort": _sorted,
    "title": _cased,
    "tojson": _as_json,
    "trim": _trimmed,
    "truncate": _truncated,
    "upper": _cased,
}
