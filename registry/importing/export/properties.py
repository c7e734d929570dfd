"""JSON Schemas in Prompty's words: a list of named properties, each of a kind.

It must never narrow or widen a type: what has no kind there is told and left open.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.importing.port import Note
from serve.core.model import Json

_KINDS = {
    "string": "string", "integer": "integer", "number": "float", "boolean": "boolean", "array": "array",
    "object": "object",
}  # fmt: skip
_CARRIED = frozenset((
    "type", "description", "default", "examples", "enum", "items", "properties", "required", "trust", "title",
    "additionalProperties",
))  # fmt: skip


Lost = dict[str, list[str]]


def properties(
    schemas: Mapping[str, Mapping[str, Json]], required: frozenset[str], where: str, notes: list[Note]
) -> list[Json]:
    """The properties of an object (or the inputs of a prompt), and into ``notes`` what they do not hold."""
    lost: Lost = {}
    made = _properties(schemas, required, where, notes, lost)
    for key, paths in lost.items():
        notes.append(Note("lost", f"{key} of {', '.join(paths)}", "properties have no such key there"))
    return made


def _properties(
    schemas: Mapping[str, Mapping[str, Json]],
    required: frozenset[str],
    where: str,
    notes: list[Note],
    lost: Lost,
) -> list[Json]:
    return [
        {
            "name": name,
            **_held(schema, f"{where}{name}", notes, lost),
            "required": name in required,
        }
        for name, schema in schemas.items()
    ]


def _held(schema: Mapping[str, Json], path: str, notes: list[Note], lost: Lost) -> dict[str, Json]:
    kind, nullable = _kind(schema)
    if not kind:
        notes.append(Note("lost", path, "its type has no kind there; any value is let through"))
        return {"kind": "string"}
    held: dict[str, Json] = {"kind": kind}
    if nullable:
        held["nullable"] = True
    for key, theirs in (("description", "description"), ("default", "default"), ("enum", "enumValues")):
        if key in schema:
            held[theirs] = schema[key]
    if schema.get("examples"):
        held["example"] = schema["examples"][0]
    held |= _inner(kind, schema, path, notes, lost)
    for key in schema:
        if key not in _CARRIED:
            lost.setdefault(key, []).append(path)
    return held


def _kind(schema: Mapping[str, Json]) -> tuple[str, bool]:
    """The kind of a schema, empty where there is none, and whether null is let through."""
    kinds = schema.get("type")
    several = [kinds] if isinstance(kinds, str) else list(kinds or ())
    if not several and isinstance(schema.get("enum"), list):
        several = [
            "null" if value is None else "string" if isinstance(value, str) else ""
            for value in schema["enum"]
        ]
        several = list(dict.fromkeys(several))
    plain = [kind for kind in several if kind != "null"]
    return (_KINDS[plain[0]] if len(plain) == 1 and plain[0] in _KINDS else ""), "null" in several


def _inner(
    kind: str, schema: Mapping[str, Json], path: str, notes: list[Note], lost: Lost
) -> dict[str, Json]:
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return {"items": _held(schema["items"], f"{path}[]", notes, lost)}
    held = schema.get("properties")
    if kind == "object" and isinstance(held, Mapping):
        needed = frozenset(map(str, schema.get("required") or ()))
        return {"properties": _properties(held, needed, f"{path}.", notes, lost)}
    return {}
