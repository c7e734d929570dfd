"""Picoschema, dotprompt's short form of a schema, to JSON Schema.

Source: the Picoschema reference of the dotprompt specification.
It must never guess what a type means that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.importing.port import Note
from serve.core.model import Json

_SCALARS = frozenset(("string", "number", "integer", "boolean", "null", "any"))
_TYPES = _SCALARS | {"object", "array"}
_WILDCARD = "(*)"


def to_json_schema(written: Json, where: str) -> tuple[dict[str, Json], tuple[Note, ...]]:
    """The JSON Schema of a Picoschema; one that is JSON Schema already stays as it is.

    What cannot be read allows anything, with a note.

    Args:
        written: the value of ``schema``.
        where: what notes call it, such as ``input``.
    """
    notes: list[Note] = []
    if isinstance(written, Mapping):
        kind = written.get("type")
        if (isinstance(kind, str) and kind in _TYPES) or (
            isinstance(kind, list) and set(map(str, kind)) <= _TYPES
        ):
            return dict(written), ()
        if isinstance(written.get("properties"), Mapping):
            return {**written, "type": "object"}, ()
    return _schema(written, where, notes), tuple(notes)


def _schema(written: Json, where: str, notes: list[Note]) -> dict[str, Json]:
    if isinstance(written, str):
        return _scalar(written, where, notes)
    if not isinstance(written, Mapping):
        notes.append(Note("fault", where, "is neither text nor keys; Picoschema has nothing else"))
        return {}
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }
    for key, value in written.items():
        if key.strip() == _WILDCARD:
            schema["additionalProperties"] = _schema(value, f"{where}.*", notes)
            continue
        name, _, kind = key.partition("(")
        name = name.strip()
        is_optional = name.endswith("?")
        name = name.removesuffix("?").strip()
        held = _typed(kind.rstrip().removesuffix(")"), value, f"{where}.{name}", notes)
        schema["properties"][name] = _nullable(held) if is_optional else held
        if not is_optional and name not in schema["required"]:
            schema["required"].append(name)
    if not schema["required"]:
        del schema["required"]
    return schema


def _typed(kind: str, value: Json, where: str, notes: list[Note]) -> dict[str, Json]:
    """The schema of a property whose key names a kind and a description, both of which may be missing."""
    name, description = _described(kind)
    if name == "array":
        held: dict[str, Json] = {"type": "array", "items": _schema(value, f"{where}[]", notes)}
    elif name == "enum":
        held = _enum(value, where, notes)
    else:
        if name not in ("", "object"):
            notes.append(
                Note("fault", where, f"{name} is no kind of Picoschema; it has array, object and enum")
            )
        held = _schema(value, where, notes)
    return held | ({"description": description} if description else {})


def _enum(value: Json, where: str, notes: list[Note]) -> dict[str, Json]:
    if isinstance(value, list) and value:
        return {
            "enum": list(dict.fromkeys(value))
            if all(isinstance(each, str) for each in value)
            else list(value)
        }
    notes.append(Note("fault", where, "an enum is a list of its values"))
    return {}


def _scalar(written: str, where: str, notes: list[Note]) -> dict[str, Json]:
    name, description = _described(written)
    told: dict[str, Json] = {"description": description} if description else {}
    if name == "any":
        return told
    if name not in _SCALARS:
        why = f"{name or 'nothing'} is a schema that the application keeps; write it out here"
        notes.append(Note("lost", where, why))
        return told
    return {"type": name} | told


def _described(written: str) -> tuple[str, str]:
    name, _, description = written.partition(",")
    return name.strip(), description.strip()


def _nullable(schema: dict[str, Json]) -> dict[str, Json]:
    """The schema of an optional property: null counts as left out."""
    if isinstance(schema.get("type"), str) and schema["type"] != "null":
        return schema | {"type": [schema["type"], "null"]}
    if "enum" in schema and None not in schema["enum"]:
        return schema | {"enum": [*schema["enum"], None]}
    return schema
