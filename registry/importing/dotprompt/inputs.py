"""What a dotprompt file says of its variables, as schemas of inputs here.

What may be left out there has a default here that prints and tests alike: empty text, an empty list.
It must never let a default stand that its own schema refuses.
"""

from __future__ import annotations

from collections.abc import Mapping

import jsonschema_rs

from registry.importing.dotprompt.picoschema import to_json_schema
from registry.importing.port import Note
from serve.core.model import Json

_OF_VALUE = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
Schemas = dict[str, dict[str, Json]]


def schemas_of(written: Json, notes: list[Note]) -> Schemas:
    """The schema of each variable that the key ``input`` names; notes tell the rest."""
    if written is None:
        return {}
    if not isinstance(written, Mapping):
        notes.append(Note("fault", "input", "is no mapping with schema and default"))
        return {}
    notes += [
        Note("lost", f"input.{key}", "is no key of dotprompt")
        for key in written
        if key not in ("schema", "default")
    ]
    out = _of_schema(written.get("schema"), notes)
    _default(out, written.get("default"), notes)
    return out


def _of_schema(written: Json, notes: list[Note]) -> Schemas:
    if written is None:
        return {}
    if isinstance(written, str):
        why = f"{written} is a schema that the application keeps; inputs have the types of their use"
        notes.append(Note("lost", "input.schema", why))
        return {}
    schema, found = to_json_schema(written, "input")
    notes += found
    held = schema.get("properties")
    if not isinstance(held, Mapping):
        notes.append(
            Note("fault", "input.schema", "names no variables; it must be an object with properties")
        )
        return {}
    notes += [
        Note("lost", f"input.schema: {key}", "inputs here are a closed list of variables")
        for key, value in schema.items()
        if key not in ("type", "properties", "required")
        and not (key == "additionalProperties" and value is False)
    ]
    required = schema.get("required") or ()
    out: Schemas = {}
    for name, each in held.items():
        plain = _without_null(each) if isinstance(each, Mapping) else {}
        out[name] = dict(plain) if name in required else _optional(name, plain, notes)
    return out


def _without_null(schema: Mapping[str, Json]) -> dict[str, Json]:
    """A schema without the null that stands for a value left out."""
    out = dict(schema)
    kinds = out.get("type")
    if isinstance(kinds, list):
        left = [kind for kind in kinds if kind != "null"]
        out["type"] = left[0] if len(left) == 1 else left or "null"
    if isinstance(out.get("enum"), list):
        out["enum"] = [value for value in out["enum"] if value is not None] or [None]
    if isinstance(out.get("items"), Mapping):
        out["items"] = _without_null(out["items"])
    if isinstance(out.get("properties"), Mapping):
        out["properties"] = {
            name: _without_null(held) if isinstance(held, Mapping) else {}
            for name, held in out["properties"].items()
        }
    return out


def _optional(name: str, schema: dict[str, Json], notes: list[Note]) -> dict[str, Json]:
    """A variable that may be left out: its default prints nothing and counts as false."""
    if "default" in schema:
        return schema
    kind = schema.get("type")
    if "enum" in schema:
        out = {**schema, "enum": [*schema["enum"], ""], "default": ""}
    elif kind in ("number", "integer"):
        out = {**schema, "type": [kind, "string"], "maxLength": 0, "default": ""}
    elif kind == "object":
        out = {key: value for key, value in schema.items() if key != "required"} | {"default": {}}
    else:
        out = {
            **schema,
            "type": kind or "string",
            "default": {"array": [], "boolean": False}.get(str(kind), ""),
        }
    notes.append(Note("changed", f"input {name}", f"may be left out; it is {_shown(out['default'])} then"))
    return out


def _shown(value: Json) -> str:
    return {"": "an empty text", "[]": "an empty list", "{}": "an empty object", "False": "false"}.get(
        str(value), str(value)
    )


def _default(schemas: Schemas, written: Json, notes: list[Note]) -> None:
    if written is None:
        return
    if not isinstance(written, Mapping):
        notes.append(Note("fault", "input.default", "is no mapping of variables to values"))
        return
    for name, value in written.items():
        if value is None:
            continue
        schema = schemas.get(name)
        if schema is None:
            kind = next((kind for each, kind in _OF_VALUE if isinstance(value, each)), "string")
            schemas[name] = {"type": kind, "default": value}
        elif _fits(schema, value):
            schema["default"] = value
            told = Note("changed", f"input {name}", "may be left out; it is ")
            notes[:] = [note for note in notes if note.what != told.what or not note.why.startswith(told.why)]
        else:
            why = "does not fit the schema of its variable; it was left out"
            notes.append(Note("fault", f"input.default.{name}", why))


def _fits(schema: Mapping[str, Json], value: Json) -> bool:
    try:
        return jsonschema_rs.is_valid(dict(schema), value)
    except ValueError:  # a schema that is none has its own finding
        return True
