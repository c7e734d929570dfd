"""What a value can be at most: its kinds and its greatest size, read from its JSON Schema.

The size of a prompt is known before it is sent only because every piece of it has such a shape.
It must never guess low: what a schema leaves open counts as without bound, with the key that would bound it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from math import inf

from serve.core.inputs import GREATEST
from serve.core.model import Json
from serve.core.render import LOOP as LOOP_NAMES

ALL = frozenset(("string", "number", "boolean", "array", "object", "null"))
_NO_TEXT = frozenset(("array", "object", "null"))
_DIGITS = 4301  # with its sign; Python prints no longer whole number
_SHORT = 10**24
_SHORT_DIGITS = 25  # with its sign; a float is never longer
_ESCAPED = 6  # a character in JSON is \u0000 at worst


@dataclass(frozen=True, slots=True)
class Unbounded:
    """A size without bound: the value's path (``passages[].text``) and the schema key that would bound it."""

    path: str
    key: str


Size = int | Unbounded


@dataclass(frozen=True, slots=True)
class Shape:
    """All that a value can be. Sizes are in characters and items.

    ``roots`` names the inputs whose words it may hold; ``known`` is False for what no schema describes.
    ``most`` is the greatest number without its sign, ``least`` the fewest elements of a list, ``needed`` the
    properties that an object always has, ``others`` the shape of those that are not declared.
    """

    kinds: frozenset[str]
    roots: frozenset[str] = frozenset()
    text: Size = 0
    digits: int = 0
    count: Size = 0
    item: Shape | None = None
    properties: Mapping[str, Shape] = field(default_factory=dict)
    open: bool = False
    path: str = ""
    known: bool = True
    most: float = 0.0
    least: int = 0
    needed: frozenset[str] = frozenset()
    others: Shape | None = None

    @property
    def element(self) -> Shape:
        """What an element of a list can be, or a key of an object."""
        if self.item is not None or not self.known:
            return self.item or UNKNOWN
        return anything(f"{self.path}[]", self.roots)

    @property
    def printable(self) -> bool:
        """False where printing it always fails: lists, objects and null have no one obvious text."""
        return not self.known or not self.kinds <= _NO_TEXT

    @property
    def loopable(self) -> bool:
        """True for lists and objects."""
        return not self.known or (self.kinds <= _NO_TEXT and self.kinds != {"null"})

    @property
    def numeric(self) -> bool:
        """True for numbers alone."""
        return not self.known or self.kinds == {"number"}

    @property
    def printed(self) -> Size:
        """The most characters it prints as."""
        sizes: list[Size] = [self.text] if "string" in self.kinds else []
        sizes += [self.digits] if "number" in self.kinds else []
        sizes += [len("false")] if "boolean" in self.kinds else []
        return _greatest(sizes)

    @property
    def as_json(self) -> Size:
        """The most characters of its JSON."""
        sizes: list[Size] = [plus(times(_ESCAPED, self.text), 2)] if "string" in self.kinds else []
        sizes += [max(self.digits, len("false"))]
        if "array" in self.kinds:
            sizes.append(plus(times_size(self.count, plus(self.item.as_json if self.item else 0, 2)), 2))
        if "object" in self.kinds:
            whole: Size = 2
            for key, value in self.properties.items():
                whole = plus(whole, plus(_ESCAPED * len(key) + 6, value.as_json))
            sizes.append(Unbounded(self.path, "additionalProperties: false") if self.open else whole)
        return _greatest(sizes)


UNKNOWN = Shape(ALL, known=False)
BOOLEAN = Shape(frozenset(("boolean",)))
LOOP = Shape(
    frozenset(("object",)),
    properties={
        name: BOOLEAN if name in ("first", "last") else Shape(frozenset(("number",)), digits=10, most=1e10)
        for name in sorted(LOOP_NAMES)
    },
    needed=LOOP_NAMES,
)


def number(digits: int, most: float | None = None) -> Shape:
    """A number of at most so many digits, and no greater than ``most`` without its sign."""
    return Shape(frozenset(("number",)), digits=digits, most=10.0**digits if most is None else most)


def text(size: Size, roots: frozenset[str] = frozenset()) -> Shape:
    """Text of at most so many characters, holding words of these inputs."""
    return Shape(frozenset(("string",)), text=size, roots=roots)


def array(items: Iterable[Shape]) -> Shape:
    """A list of these items."""
    listed = list(items)
    roots = frozenset().union(*(item.roots for item in listed))
    item = reduce(union, listed) if listed else None
    return Shape(frozenset(("array",)), roots=roots, count=len(listed), item=item, least=len(listed))


def of_value(value: Json) -> Shape:
    """The shape of one value."""
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, float)):
        return number(_DIGITS if abs(value) >= _SHORT else _SHORT_DIGITS, _magnitude(value))
    if isinstance(value, str):
        return text(len(value))
    if isinstance(value, (list, tuple)):
        return array(of_value(item) for item in value)
    if isinstance(value, Mapping):
        held = {str(key): of_value(item) for key, item in value.items()}
        return Shape(
            frozenset(("object",)),
            properties=held,
            count=len(held),
            item=text(max(map(len, held), default=0)),
            needed=frozenset(held),
        )
    return Shape(frozenset(("null",)))


def of_input(name: str, schema: Mapping[str, Json]) -> Shape:
    """The shape of an input by its JSON Schema."""
    return _of_schema(schema, name, frozenset((name,)))


def _of_schema(schema: Json, path: str, roots: frozenset[str]) -> Shape:
    if not isinstance(schema, Mapping):
        return anything(path, roots)
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "allOf")}
    for part in schema.get("allOf", ()):
        rest = _both(rest, part)
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if options:
        return reduce(union, (_of_schema(_both(rest, option), path, roots) for option in options))
    if "const" in rest or "enum" in rest:
        values = [rest["const"]] if "const" in rest else rest["enum"]
        return replace(reduce(union, map(of_value, values)), roots=roots, path=path)
    return _of_types(rest, path, roots)


def _both(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """What fits both schemas, or more; a property that only one of them names is still one."""
    held = {**one.get("properties", {}), **other.get("properties", {})}
    return {**one, **other, **({"properties": held} if held else {})}


def _of_types(schema: Mapping[str, Json], path: str, roots: frozenset[str]) -> Shape:
    written = schema.get("type")
    kinds = frozenset([written] if isinstance(written, str) else written or ())
    if not kinds:
        return anything(path, roots)
    held = {
        key: _of_schema(value, f"{path}.{key}", roots) for key, value in schema.get("properties", {}).items()
    }
    is_open = schema.get("additionalProperties", True) is not False
    item = _of_schema(schema.get("items", {}), f"{path}[]", roots) if "array" in kinds else None
    count = _limit(schema, "maxItems", path) if "array" in kinds else 0
    if "object" in kinds:
        name = text(_longest_key(schema, held, path, is_open), roots)
        item = union(item, name) if item else name
        count = worst(count, _limit(schema, "maxProperties", path) if is_open else len(held))
    return Shape(
        kinds=frozenset("number" if kind == "integer" else kind for kind in kinds),
        roots=roots,
        text=_limit(schema, "maxLength", path) if "string" in kinds else 0,
        digits=_digits(schema) if kinds & {"number", "integer"} else 0,
        count=count,
        item=item,
        properties=held,
        open=is_open,
        path=path,
        most=_greatest_number(schema),
        least=schema.get("minItems", 0),
        needed=frozenset(schema.get("required", ())),
        others=_others(schema, path, roots) if is_open else None,
    )


def _others(schema: Mapping[str, Json], path: str, roots: frozenset[str]) -> Shape | None:
    """The shape of properties that are not declared, where something is said of them."""
    held = schema.get("additionalProperties")
    return _of_schema(held, f"{path}.*", roots) if isinstance(held, Mapping) else None


def _greatest_number(schema: Mapping[str, Json]) -> float:
    bounds = (abs(schema.get(key, GREATEST)) for key in ("minimum", "maximum"))
    return float(min(max(bounds), GREATEST))


def _magnitude(value: float) -> float:
    try:
        return float(abs(value))
    except OverflowError:
        return inf


def anything(path: str, roots: frozenset[str]) -> Shape:
    """What no schema bounds: the value at a path, holding words of these inputs."""
    size = Unbounded(path, "type")
    return Shape(
        ALL, roots, text=size, digits=_DIGITS, count=size, item=None, open=True, path=path, most=GREATEST
    )


def _longest_key(schema: Mapping[str, Json], held: Mapping[str, Shape], path: str, is_open: bool) -> Size:
    longest = max(map(len, held), default=0)
    if not is_open:
        return longest
    names = schema.get("propertyNames", {})
    return worst(longest, _limit(names, "maxLength", path, "propertyNames.maxLength"))


def _limit(schema: Mapping[str, Json], key: str, path: str, said: str = "") -> Size:
    return int(schema[key]) if key in schema else Unbounded(path, said or key)


def _digits(schema: Mapping[str, Json]) -> int:
    bounds = [schema.get(key) for key in ("minimum", "maximum")]
    if any(bound is None or abs(bound) >= _SHORT for bound in bounds):
        return _DIGITS
    return _SHORT_DIGITS


def is_sure(shape: Shape) -> bool:
    """True for what is a text, a number, true or false, and nothing else, or a list of such."""
    if shape.kinds == {"array"}:
        return is_sure(shape.element)
    return shape.known and len(shape.kinds) == 1 and not shape.kinds & _NO_TEXT


def union(one: Shape, other: Shape) -> Shape:
    """What is either of two shapes."""
    if one is other or not one.known:
        return one
    if not other.known:
        return other
    items = [shape.element for shape in (one, other) if shape.count != 0]
    item = reduce(union, items) if any(shape.item for shape in (one, other)) and items else None
    merged = {**one.properties, **other.properties}
    for key in merged:
        merged[key] = union(_property(one, key) or merged[key], _property(other, key) or merged[key])
    return Shape(
        kinds=one.kinds | other.kinds,
        roots=one.roots | other.roots,
        text=worst(one.text, other.text),
        digits=max(one.digits, other.digits),
        count=worst(one.count, other.count),
        item=item,
        properties=merged,
        open=one.open or other.open,
        path=one.path or other.path,
        most=max(one.most, other.most),
        least=min((shape.least for shape in (one, other) if "array" in shape.kinds), default=0),
        needed=_needed(one, other),
        others=_others_of(one, other),
    )


def _needed(one: Shape, other: Shape) -> frozenset[str]:
    """What an object that is either has for sure; what is never an object has no say."""
    if "object" in one.kinds and "object" in other.kinds:
        return one.needed & other.needed
    return one.needed if "object" in one.kinds else other.needed


def _others_of(one: Shape, other: Shape) -> Shape | None:
    """The undeclared properties of either; None where nothing is said of them."""
    held = [shape.others for shape in (one, other) if shape.open and "object" in shape.kinds]
    said = [shape for shape in held if shape is not None]
    return reduce(union, said) if said and len(said) == len(held) else None


def _property(shape: Shape, key: str) -> Shape | None:
    """What a shape's property can be; None where it cannot have it."""
    if key in shape.properties or not shape.open or "object" not in shape.kinds:
        return shape.properties.get(key)
    return shape.others or anything(f"{shape.path}.{key}", shape.roots)


def worst(one: Size, other: Size) -> Size:
    """The greater of two sizes."""
    if isinstance(one, Unbounded) or isinstance(other, Unbounded):
        return one if isinstance(one, Unbounded) else other
    return max(one, other)


def _greatest(sizes: Iterable[Size]) -> Size:
    greatest: Size = 0
    for size in sizes:
        greatest = worst(greatest, size)
    return greatest


def plus(one: Size, other: Size) -> Size:
    """The sum of two sizes."""
    if isinstance(one, Unbounded) or isinstance(other, Unbounded):
        return one if isinstance(one, Unbounded) else other
    return one + other


def times(factor: int, size: Size) -> Size:
    """A size so many times."""
    return size if isinstance(size, Unbounded) else factor * size


def times_size(factor: Size, size: Size) -> Size:
    """One size times another; nothing stays nothing however often it comes."""
    if size == 0:
        return 0
    return factor if isinstance(factor, Unbounded) else times(factor, size)
