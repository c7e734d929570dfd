"""What an expression of a template may give, and what is told where that does not do.

It must never know a syntax tree: who walks one makes these values and puts them together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from registry.validation import shapes
from registry.validation.knowledge import Path
from registry.validation.shapes import UNKNOWN, Shape

_MISSING = frozenset(("missing",))


@dataclass(frozen=True, slots=True)
class Absence:
    """A value as the template names it, what it may be (``missing`` or ``null``), and the line from 1 that reads it.

    ``instead`` is what a template can write in its place: an empty text or an empty list.
    """

    line: int
    name: str
    kind: str
    instead: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value, at a line from 1, that may be of these kinds, with which the deed cannot be done.

    ``fit`` holds the kinds that it may be and that do.
    ``name`` is empty for what the template works out on the spot.
    """

    line: int
    name: str
    kinds: tuple[str, ...]
    deed: str
    fit: tuple[str, ...]


Failure = Absence | Misfit


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression may give: its shape, or nothing at all where ``missing``; a path where facts hold of it."""

    shape: Shape = UNKNOWN
    path: Path = ()
    missing: bool = False
    name: str = ""
    parts: tuple[Value, ...] = field(default=(), compare=False)


ABSENT = Value(Shape(frozenset()), missing=True)


def kinds_of(value: Value) -> frozenset[str]:
    """What a value may be, ``missing`` among it."""
    return value.shape.kinds | _MISSING if value.missing else value.shape.kinds


def either(one: Value, other: Value) -> Value:
    """One value or the other; which of them is to blame stays known."""
    shape = shapes.union(one.shape, other.shape)
    return Value(shape, (), one.missing or other.missing, "", (one, other))


def falsy(shape: Shape) -> Shape:
    """What a value still can be where it counts as false."""
    full = {"array"} if shape.least else set()
    return replace(shape, kinds=shape.kinds - full - ({"object"} if shape.needed else set()))


def list_of(shape: Shape) -> Shape:
    """The list that a list is, or that an object's keys are; no text among its kinds any longer."""
    if not shape.known:
        return shape
    least = shape.least if shape.kinds == {"array"} else 0
    return replace(
        shape, kinds=frozenset(("array",)), least=least, properties={}, open=False, needed=frozenset()
    )
