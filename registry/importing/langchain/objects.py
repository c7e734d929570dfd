"""Serialized objects of LangChain's, as the name of a class and its arguments.

It must never import a class that a file names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serve.core.model import Json


@dataclass(frozen=True, slots=True)
class Named:
    """A class by its last name, and its arguments; an empty name for what is no object."""

    name: str
    values: Mapping[str, Json]
    is_object: bool = True


def named(value: Json) -> Named:
    """The class and the arguments of ``{lc: 1, type: constructor, id: [...], kwargs: {...}}``."""
    if not isinstance(value, Mapping):
        return Named("", {}, is_object=False)
    path = value.get("id")
    if "lc" not in value or not isinstance(path, list) or not path:
        return Named("", value, is_object=False)
    held = value.get("kwargs")
    return Named(str(path[-1]), held if isinstance(held, Mapping) else {})


def is_secret(value: Json) -> bool:
    """True for a placeholder of a key that the environment holds."""
    return isinstance(value, Mapping) and "lc" in value and value.get("type") == "secret"
