"""The inputs of a Prompty file as JSON Schema, from what it declares and from the sample that it shows.

Version 1 has ``type``, version 2 ``kind`` with words of its own; both allow a bare value in place of a declaration.
It must never carry a value as a default that the file only shows as a sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.importing.inference import Usage
from registry.importing.port import Note
from registry.importing.samples import of_all, schema_of
from registry.importing.templates.printed import printed_as_text
from serve.core.model import Json

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("string", "str", "text"), "string"),
    **dict.fromkeys(("number", "float", "double", "decimal"), "number"),
    **dict.fromkeys(("integer", "int", "long"), "integer"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    **dict.fromkeys(("array", "list", "tuple"), "array"),
    **dict.fromkeys(("object", "dict", "dictionary", "map", "json"), "object"),
}
RICH = frozenset(("thread", "image", "file", "audio"))
_OPTIONAL = ("optional", "is_optional")
_REQUIRED = ("required", "is_required", "isRequired")
_CARRIED = frozenset((
    "name", "type", "kind", "description", "default", "title", "enum", "enumValues", "example", "examples", "sample",
    "items", "properties", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
    *_OPTIONAL, *_REQUIRED,
))  # fmt: skip
_PLAIN = (
    "description",
    "title",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
_EMPTY: Mapping[str, Json] = {"string": "", "array": [], "boolean": False}


@dataclass(slots=True)
class Declared:
    """What a file says of its inputs: their schemas so far, and the rich kinds among them."""

    schemas: dict[str, dict[str, Json]] = field(default_factory=dict)
    rich: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def declared_inputs(written: Json) -> Declared:
    """What the ``inputs`` of a file say, by name."""
    out = Declared()
    if written is not None and not isinstance(written, list | Mapping):
        out.notes.append(Note("fault", "inputs", "are neither a list nor a mapping; they were left out"))
    for name, said in properties(written, "inputs", out.notes):
        path = f"input {name}"
        if not isinstance(said, Mapping) or not _CARRIED & said.keys():
            out.schemas[name] = _bare(said)
            continue
        kind = str(said.get("kind", said.get("type", ""))).lower()
        if kind in RICH:
            out.rich[name] = kind
        out.schemas[name] = property_schema(said, path, out.notes)
    return out


def properties(written: Json, where: str, notes: list[Note]) -> Iterator[tuple[str, Json]]:
    """Name and declaration of each property, from a mapping, a list, or ``{properties: ...}`` of them."""
    if isinstance(written, Mapping) and isinstance(written.get("properties"), list | Mapping):
        written = written["properties"]
    if isinstance(written, Mapping):
        yield from ((str(name), said) for name, said in written.items())
    for said in written if isinstance(written, list) else ():
        if isinstance(said, Mapping) and isinstance(said.get("name"), str):
            yield said["name"], said
        elif isinstance(said, str):
            yield said, {"name": said}
        else:
            notes.append(Note("fault", where, "has an item without a name; it was left out"))


def property_schema(said: Mapping[str, Json], path: str, notes: list[Note]) -> dict[str, Json]:
    """The JSON Schema of one declared property, as far as the file says it."""
    schema: dict[str, Json] = {key: said[key] for key in _PLAIN if said.get(key) not in (None, "")}
    kind = said.get("kind", said.get("type"))
    ours = _TYPES.get(kind.lower()) if isinstance(kind, str) else None
    if ours is not None:
        schema["type"] = ours
    elif isinstance(kind, str) and kind.lower() not in RICH:
        notes.append(Note("changed", path, f"has the type {kind}, which is none here; its use decides"))
    choices = said.get("enumValues", said.get("enum"))
    if isinstance(choices, list) and choices:
        schema["enum"] = choices
    if isinstance(said.get("items"), Mapping) and ours == "array":
        schema["items"] = property_schema(said["items"], f"{path}[]", notes)
    if ours == "object":
        schema |= _object(said, path, notes)
    shown = said.get("examples", said.get("example", said.get("sample")))
    if shown is not None:
        schema["examples"] = shown if isinstance(shown, list) and "examples" in said else [shown]
    if said.get("default") is not None:
        schema["default"] = said["default"]
    elif any(said.get(key) is True for key in _OPTIONAL) or any(said.get(key) is False for key in _REQUIRED):
        schema["default"] = _EMPTY.get(ours or "string", "")
    others = [key for key in said if key not in _CARRIED]
    notes += [Note("lost", f"{path}: {key}", "inputs have no such key") for key in others]
    return schema


def _object(said: Mapping[str, Json], path: str, notes: list[Note]) -> dict[str, Json]:
    held = {
        name: property_schema(each, f"{path}.{name}", notes) if isinstance(each, Mapping) else schema_of(each)
        for name, each in properties(said.get("properties"), path, notes)
    }
    return {"properties": held, "required": list(held)} if held else {}


def _bare(value: Json) -> dict[str, Json]:
    if value is None:
        return {}
    if isinstance(value, str) and value.lower() in _TYPES:
        return {"type": _TYPES[value.lower()]}
    return {**schema_of(value), "default": value}


def with_samples(declared: Declared, rows: list[Mapping[str, Json]], used: Mapping[str, Usage]) -> None:
    """Give each input the types and the examples that the sample shows."""
    for name in dict.fromkeys(str(name) for row in rows for name in row):
        values = [row[name] for row in rows if row.get(name) is not None]
        schema = declared.schemas.setdefault(name, {})
        if not {"type", "enum"} & schema.keys():
            schema |= of_all(values, used.get(name, Usage()))
        elif schema.get("type") in ("array", "object") and not {"items", "properties"} & schema.keys():
            shown = of_all(values, used.get(name, Usage()))
            schema |= shown if shown.get("type") == schema["type"] else {}
        if values and "examples" not in schema:
            schema["examples"] = values


def as_printed(declared: Declared, templates: list[str], used: Mapping[str, Usage]) -> None:
    """Make text of every list and object that a template prints as it is, or that nothing looks into."""
    plain = {name: schema for name, schema in declared.schemas.items() if name not in declared.rich}
    declared.schemas |= printed_as_text(plain, templates, used, declared.notes)
