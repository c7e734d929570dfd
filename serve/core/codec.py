"""Typed values to JSON and back, driven by the types themselves.

A field is written once, in its dataclass; this file is why no reader or writer repeats it.
It must never guess: an unknown key, a missing field or a wrong type is refused with its path.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from serve.core.model import Json

T = TypeVar("T")


class ShapeError(ValueError):
    """A JSON value that does not fit its type.

    Attributes:
        steps: the keys and indexes that lead to the place.
        problem: one clause that says what is wrong there.
    """

    def __init__(self, steps: tuple[str | int, ...], problem: str) -> None:
        super().__init__(steps, problem)
        self.steps = steps
        self.problem = problem

    def __str__(self) -> str:
        return f"{'.'.join(str(step) for step in self.steps) or 'the document'}: {self.problem}"


def key_of(name: str) -> str:
    """The JSON key of a field: ``context_tokens`` becomes ``contextTokens``."""
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in rest)


@dataclasses.dataclass(frozen=True, slots=True)
class _Field:
    name: str
    key: str
    hint: Any
    required: bool
    default: Any


@cache
def _fields(cls: type) -> tuple[_Field, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _Field(
            name=f.name,
            key=f.metadata.get("key", key_of(f.name)),
            hint=hints[f.name],
            required=f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING,
            default=f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default,
        )
        for f in dataclasses.fields(cls)
    )


def keys_of(cls: type) -> tuple[str, ...]:
    """The JSON keys of a dataclass, in the order of its fields."""
    return tuple(f.key for f in _fields(cls))


def to_json(value: Any) -> Json:
    """The JSON value of a dataclass; fields that hold their default are left out.

    Raises:
        TypeError: for a value that is neither a dataclass nor JSON.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((f, getattr(value, f.name)) for f in _fields(type(value)))
        return {f.key: to_json(item) for f, item in pairs if f.required or item != f.default}
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} is not JSON")


def from_json(cls: type[T], data: Json) -> T:
    """The typed value that a JSON value stands for.

    Raises:
        ShapeError: with the path and the problem.
    """
    result: T = _decode(cls, data, ())
    return result


def _decode(hint: Any, data: Json, steps: tuple[str | int, ...]) -> Any:
    if hint is Any:
        return data
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _decode_object(hint, data, steps)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(hint), data, steps)
    if origin is Literal:
        if data not in get_args(hint):
            raise ShapeError(steps, f"must be one of {', '.join(map(str, get_args(hint)))}")
        return data
    if origin is tuple:
        if not isinstance(data, list):
            raise ShapeError(steps, "must be a list")
        return tuple(_decode(get_args(hint)[0], item, (*steps, i)) for i, item in enumerate(data))
    if origin in (dict, Mapping):
        return _decode_mapping(hint, data, steps)
    return _decode_scalar(hint, data, steps)


def _decode_object(cls: type, data: Json, steps: tuple[str | int, ...]) -> Any:
    if not isinstance(data, dict):
        raise ShapeError(steps, "must be an object")
    fields = {f.key: f for f in _fields(cls)}
    for key in data:
        if key not in fields:
            raise ShapeError((*steps, key), "is not a known key")
    for key, f in fields.items():
        if f.required and key not in data:
            raise ShapeError(steps, f"lacks {key}")
    return cls(**{fields[k].name: _decode(fields[k].hint, v, (*steps, k)) for k, v in data.items()})


def _decode_mapping(hint: Any, data: Json, steps: tuple[str | int, ...]) -> Any:
    if not isinstance(data, dict):
        raise ShapeError(steps, "must be an object")
    item = get_args(hint)[1]
    return {key: _decode(item, value, (*steps, key)) for key, value in data.items()}


def _decode_union(options: tuple[Any, ...], data: Json, steps: tuple[str | int, ...]) -> Any:
    if data is None and type(None) in options:
        return None
    problems: list[ShapeError] = []
    for option in options:
        if option is type(None):
            continue
        try:
            return _decode(option, data, steps)
        except ShapeError as problem:
            problems.append(problem)
    raise max(problems, key=lambda problem: len(problem.steps))


def _decode_scalar(hint: Any, data: Json, steps: tuple[str | int, ...]) -> Any:
    wanted: tuple[type, ...] = (int, float) if hint is float else (hint,)
    if not isinstance(data, wanted) or (isinstance(data, bool) and hint is not bool):
        names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        raise ShapeError(steps, f"must be {names.get(hint, hint)}")
    return data
