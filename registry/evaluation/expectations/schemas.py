"""JSON Schema for answers and arguments: whether a value fits, and where and why not.

It must never fetch a schema from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NoReturn

import jsonschema_rs

from registry.evaluation.expectations.outcome import bad_value
from registry.evaluation.problem import Problem
from serve.core.model import Json

_OLD_WORDS = ("additionalItems", "dependencies")  # gone after draft 7


def misfit(schema: Mapping[str, Json] | None, value: Json) -> str | None:
    """Where and why a value does not fit a schema, or None when it fits."""
    if schema is None:
        return None
    error = next(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value), None)
    if error is None:
        return None
    place = "".join(f"[{step!r}]" for step in error.instance_path) or "it"
    return f"{place} does not fit the schema: {error.message}"


def schema_problems(schema: Mapping[str, Json]) -> Iterator[Problem]:
    """What is wrong with a schema itself."""
    try:
        _validator(json.dumps(schema, sort_keys=True))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        why = str(error).splitlines()[0].rstrip(".")
        yield bad_value(f"This is not a JSON Schema: {why}.", "Mend the schema; references stay within it.")


def _no_fetching(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is outside of the schema")


@lru_cache(maxsize=256)
def _validator(text: str) -> Any:
    schema = json.loads(text)
    if "$schema" not in schema and _is_old(schema):
        return jsonschema_rs.Draft7Validator(schema, retriever=_no_fetching, validate_formats=True)
    return jsonschema_rs.validator_for(schema, retriever=_no_fetching, validate_formats=True)


def _is_old(schema: Json) -> bool:
    """True for a schema with words that only draft 7 and its elders know, among them a list of ``items``."""
    if isinstance(schema, list):
        return any(map(_is_old, schema))
    if not isinstance(schema, dict):
        return False
    is_old = isinstance(schema.get("items"), list) or any(word in schema for word in _OLD_WORDS)
    return is_old or any(map(_is_old, schema.values()))
