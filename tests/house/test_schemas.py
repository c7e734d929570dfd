"""A schema and its type say the same: every property has its field and the reverse, all the way down."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from registry.authoring.kinds import KINDS
from registry.evaluation.calibration import Label
from registry.settings import Settings
from serve.core.codec import keys_of

FOLDER = Path(__file__).parents[2] / "schemas"
SCHEMAS = {
    place.name: json.loads(place.read_text(encoding="utf-8")) for place in sorted(FOLDER.glob("*.json"))
}
TYPES = {kind.schema: kind.source for kind in KINDS if kind.source is not None} | {
    "settings.schema.json": Settings,
    "calibration.schema.json": Label,
}
OPEN = {"model.schema.json#/definitions/parameters"}  # which names an engine knows is a lint's to say
REGISTRY = Registry().with_resources(
    (name, Resource.from_contents(contents))
    for name, contents in [
        *SCHEMAS.items(),
        ("http://json-schema.org/draft-07/schema", Draft7Validator.META_SCHEMA),
    ]
)


def resolved(name: str, schema: Any) -> tuple[str, Any]:
    """The file and the schema behind a reference inside our own files."""
    while isinstance(schema, Mapping) and not schema.get("$ref", "http").startswith("http"):
        file, _, pointer = schema["$ref"].partition("#")
        name = file or name
        schema = SCHEMAS[name]
        for step in pointer.strip("/").split("/"):
            schema = schema[step]
    return name, schema


def branches(name: str, schema: Any) -> Iterator[tuple[str, Any]]:
    """The schema itself, or what it is made of: the arms of an if, the options of a choice."""
    name, schema = resolved(name, schema)
    arms = [schema[key] for key in ("then", "else") if key in schema]
    arms += [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    inner = [arm for arm in arms if not {"$ref", "properties", "items", "enum"}.isdisjoint(arm)]
    if not inner or "properties" in schema or "items" in schema:
        yield name, schema
    for arm in inner:
        yield from branches(name, arm)


def parts(hint: Any) -> list[Any]:
    """The alternatives of a type."""
    if get_origin(hint) in (Union, types.UnionType):
        return [part for option in get_args(hint) for part in parts(option)]
    return [hint]


def mismatches(hint: Any, name: str, schema: Any, path: str) -> Iterator[str]:
    found = list(branches(name, schema))
    for option in parts(hint):
        origin = get_origin(option)
        if isinstance(option, type) and dataclasses.is_dataclass(option):
            keys = set(keys_of(option))
            fitting = [(n, s) for n, s in found if set(s.get("properties", ())) == keys]
            if not fitting:
                told = [sorted(s.get("properties", ())) for _, s in found]
                yield f"{path}: {option.__name__} has {sorted(keys)}, the schema {told}"
                continue
            yield from of_fields(option, *fitting[0], path)
        elif origin is tuple:
            lists = [(n, s) for n, s in found if "items" in s]
            yield from (
                mismatches(get_args(option)[0], *in_first(lists, "items"), f"{path}[]") if lists else [path]
            )
        elif origin is Mapping or origin is getattr(get_origin(Mapping[str, str]), "__origin__", Mapping):
            maps = [(n, s) for n, s in found if isinstance(s.get("additionalProperties"), dict)]
            if maps and get_args(option)[1] is not Any:
                yield from mismatches(
                    get_args(option)[1], *in_first(maps, "additionalProperties"), f"{path}.*"
                )
        elif origin is Literal:
            written = {value for _, s in found for value in s.get("enum", ())}
            if not written or not written <= set(get_args(option)):
                yield f"{path}: the schema allows {written}, the type {get_args(option)}"


def in_first(found: list[tuple[str, Any]], key: str) -> tuple[str, Any]:
    return found[0][0], found[0][1][key]


def of_fields(cls: type, name: str, schema: Any, path: str) -> Iterator[str]:
    hints = get_type_hints(cls)
    needed = {
        key
        for key, each in zip(keys_of(cls), dataclasses.fields(cls), strict=True)
        if each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
    }
    if not needed <= set(schema.get("required", ())):
        yield f"{path}: {sorted(needed)} are required by {cls.__name__}, the schema says {schema.get('required')}"
    for key, each in zip(keys_of(cls), dataclasses.fields(cls), strict=True):
        yield from mismatches(hints[each.name], name, schema["properties"][key], f"{path}.{key}")


def places(
    schema: Any, pointer: str = "", *, named: bool = False
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every schema of a file with its JSON pointer, and whether it stands for a key that a writer can write."""
    if not isinstance(schema, Mapping):
        return
    yield pointer, schema, named
    for key in ("properties", "definitions"):
        for name, inner in schema.get(key, {}).items():
            yield from places(
                inner, f"{pointer}/{key}/{name}", named=key == "properties" and "type" in schema
            )
    for key in ("items", "additionalProperties", "propertyNames", "then", "else"):
        yield from places(schema.get(key), f"{pointer}/{key}")
    for key in ("oneOf", "anyOf", "allOf"):
        for index, inner in enumerate(schema.get(key, ())):
            yield from places(inner, f"{pointer}/{key}/{index}")


ALL = {name: list(places(schema)) for name, schema in SCHEMAS.items()}


def test_every_kind_has_a_schema_and_every_schema_a_kind():
    assert set(SCHEMAS) == {kind.schema for kind in KINDS} | {
        "settings.schema.json",
        "calibration.schema.json",  # of lines, not of a file
    }


@pytest.mark.parametrize("name", TYPES)
def test_every_property_has_its_field_and_the_reverse(name):
    assert list(mismatches(TYPES[name], name, SCHEMAS[name], name.split(".")[0])) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_itself_in_order_and_names_itself(name):
    Draft7Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == name


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_is_explained_to_an_editor(name):
    plain = [
        at
        for at, schema, named in ALL[name]
        if named and not {"title", "description", "examples"} <= set(schema)
    ]
    assert plain == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_objects_are_closed(name):
    typed = [(at, schema) for at, schema, _ in ALL[name] if "type" in schema and "properties" in schema]
    left_open = [f"{name}#{at}" for at, schema in typed if "additionalProperties" not in schema]
    assert set(left_open) <= OPEN


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_example_fits_its_own_schema(name):
    for pointer, schema, _ in ALL[name]:
        validator = Draft7Validator({"$ref": f"{name}#{pointer}"}, registry=REGISTRY)
        for example in schema.get("examples", ()):
            assert list(validator.iter_errors(example)) == [], pointer
