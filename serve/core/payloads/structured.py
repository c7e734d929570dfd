"""What a provider's structured output can enforce of a JSON Schema, and where a schema asks for more.

It must never judge whether a schema is a good one, only whether the provider takes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from serve.core.model import Json

Steps = tuple[str | int, ...]
_ONE = ("items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties")
_MANY = ("anyOf", "oneOf", "allOf", "prefixItems", "items")
_NAMED = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")


@dataclass(frozen=True, slots=True)
class SchemaRules:
    """What a provider takes.

    Attributes:
        keywords: the keywords that it knows.
        closed: every object must say ``additionalProperties: false``.
        all_required: every property must be required; what may be missing is a type with null.
        object_root: the whole must be an object, not a choice.
        most_min_items: the greatest ``minItems``, None for any.
        recursive: a schema may refer to itself.
    """

    keywords: frozenset[str]
    closed: bool = False
    all_required: bool = False
    object_root: bool = False
    most_min_items: int | None = None
    recursive: bool = True


class SchemaFault(NamedTuple):
    """One thing that a provider does not take: where, what (one clause), and the way out (one sentence)."""

    steps: Steps
    problem: str
    advice: str


def schema_faults(schema: Json, rules: SchemaRules) -> Iterator[SchemaFault]:
    """What of an answer's schema a provider would refuse or not enforce, from the outside in."""
    if rules.object_root and (not isinstance(schema, Mapping) or schema.get("type") != "object"):
        yield SchemaFault(
            (), "the whole answer is not one object", "Wrap it: type: object with one property."
        )
    yield from _faults(schema, rules, ())


def _faults(schema: Json, rules: SchemaRules, steps: Steps) -> Iterator[SchemaFault]:
    if not isinstance(schema, Mapping):
        return
    for keyword in schema:
        if keyword not in rules.keywords:
            advice = "Leave it out here, and check it with an expectation or a guardrail."
            yield SchemaFault((*steps, keyword), f"{keyword} is not among the keywords it knows", advice)
    yield from _object_faults(schema, rules, steps)
    most, least = rules.most_min_items, schema.get("minItems")
    if most is not None and isinstance(least, int) and least > most:
        yield SchemaFault(
            (*steps, "minItems"), f"minItems can be {most} at most", "Lower it, or leave it out."
        )
    if not rules.recursive and _refers_to_itself(schema.get("$ref"), steps):
        yield SchemaFault((*steps, "$ref"), "the schema refers to itself", "Write the levels out.")
    for inner, step in _subschemas(schema):
        yield from _faults(inner, rules, (*steps, *step))


def _object_faults(schema: Mapping[str, Json], rules: SchemaRules, steps: Steps) -> Iterator[SchemaFault]:
    kind = schema.get("type")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind) and "properties" not in schema:
        return
    if rules.closed and schema.get("additionalProperties") is not False:
        place = (*steps, "additionalProperties") if "additionalProperties" in schema else steps
        yield SchemaFault(place, "an object is open", "Add additionalProperties: false.")
    properties = schema.get("properties")
    required = schema.get("required")
    if rules.all_required and isinstance(properties, Mapping):
        for name in properties:
            if not isinstance(required, list) or name not in required:
                advice = "Add it to required; what may be missing has a type such as [string, 'null']."
                yield SchemaFault(
                    (*steps, "properties", name), f"the property {name} is not required", advice
                )


def _subschemas(schema: Mapping[str, Json]) -> Iterator[tuple[Json, Steps]]:
    for key in _ONE:
        if isinstance(schema.get(key), Mapping):
            yield schema[key], (key,)
    for key in _MANY:
        if isinstance(schema.get(key), list):
            yield from ((inner, (key, index)) for index, inner in enumerate(schema[key]))
    for key in _NAMED:
        if isinstance(schema.get(key), Mapping):
            yield from ((inner, (key, name)) for name, inner in schema[key].items())


def _refers_to_itself(reference: Json, steps: Steps) -> bool:
    """A reference to a schema around its own place; longer ways round are left to the provider."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return False
    target = tuple(step for step in reference[1:].split("/") if step)
    return tuple(map(str, steps[: len(target)])) == target
