"""Typed values to JSON and back, driven by the types themselves.

A field is written once, in its dataclass; this file is why no reader or writer repeats it.
It must never guess: an unknown key, a missing field or a wrong type is refused with its path.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from serve.core.model import Json

T = TypeVar("T")
Reader = Callable[[Any], Any]


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

    def below(self, step: str | int) -> ShapeError:
        """The same problem as it is seen from one level further out."""
        return ShapeError((step, *self.steps), self.problem)

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
    if isinstance(value, Sequence):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} is not JSON")


def from_json(cls: type[T], data: Json) -> T:
    """The typed value that a JSON value stands for.

    Raises:
        ShapeError: with the path and the problem.
    """
    result: T = _reader(cls)(data)
    return result


def _reader(hint: Any) -> Reader:
    """What reads one type of value; made once per field, since a cold start reads thousands of each."""
    if hint is Any:
        return _as_it_is
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _object_reader(hint)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union_reader(get_args(hint))
    if origin is Literal:
        return _literal_reader(get_args(hint))
    if origin in (tuple, Sequence):
        return _list_reader(_reader(get_args(hint)[0]))
    if origin in (dict, Mapping):
        return _mapping_reader(_reader(get_args(hint)[1]))
    return _scalar_reader(hint)


def _as_it_is(data: Json) -> Json:
    return data


@cache
def _shape(cls: type) -> tuple[dict[str, tuple[str, Reader]], tuple[str, ...]]:
    """Name and reader of every key, and the keys that must be there."""
    fields = _fields(cls)
    return {f.key: (f.name, _reader(f.hint)) for f in fields}, tuple(f.key for f in fields if f.required)


def _object_reader(cls: type) -> Reader:
    def read(data: Json) -> Any:
        known, required = _shape(cls)  # not before: a type may hold itself
        if not isinstance(data, dict):
            raise ShapeError((), "must be an object")
        if not known.keys() >= data.keys():
            raise ShapeError((next(key for key in data if key not in known),), "is not a known key")
        for key in required:
            if key not in data:
                raise ShapeError((), f"lacks {key}")
        values = {}
        try:
            for key, value in data.items():
                name, reader = known[key]
                values[name] = reader(value)
        except ShapeError as problem:
            raise problem.below(key) from None
        return cls(**values)

    return read


def _mapping_reader(item: Reader) -> Reader:
    def read(data: Json) -> Any:
        if not isinstance(data, dict):
            raise ShapeError((), "must be an object")
        if item is _as_it_is:
            return dict(data)
        values = {}
        try:
            for key, value in data.items():
                values[key] = item(value)
        except ShapeError as problem:
            raise problem.below(key) from None
        return values

    return read


def _list_reader(item: Reader) -> Reader:
    def read(data: Json) -> Any:
        if not isinstance(data, list):
            raise ShapeError((), "must be a list")
        values: list[Any] = []
        try:
            for each in data:
                values.append(item(each))  # noqa: PERF401 - its length names the place of a problem
        except ShapeError as problem:
            raise problem.below(len(values)) from None
        return tuple(values)

    return read


def _union_reader(options: tuple[Any, ...]) -> Reader:
    readers = [_reader(option) for option in options if option is not type(None)]
    optional = len(readers) < len(options)

    def read(data: Json) -> Any:
        if data is None and optional:
            return None
        problems: list[ShapeError] = []
        for reader in readers:
            try:
                return reader(data)
            except ShapeError as problem:
                problems.append(problem)
        raise max(problems, key=lambda problem: len(problem.steps))

    return read


def _literal_reader(options: tuple[Any, ...]) -> Reader:
    def read(data: Json) -> Any:
        if data not in options:
            raise ShapeError((), f"must be one of {', '.join(map(str, options))}")
        return data

    return read


def _scalar_reader(hint: Any) -> Reader:
    wanted: tuple[type, ...] = (int, float) if hint is float else (hint,)

    def read(data: Json) -> Any:
        if type(data) is hint:
            return data
        if hint is int and isinstance(data, float) and data.is_integer():
            return int(data)  # JSON Schema's whole number: 1.0 is one
        if not isinstance(data, wanted) or (isinstance(data, bool) and hint is not bool):
            names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
            raise ShapeError((), f"must be {names.get(hint, hint)}")
        return data

    return read
