"""Function declarations of other formats as tools of ours.

It must never carry what runs a function, only what declares it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing.port import Entry, Note
from registry.importing.prompty.inputs import properties, property_schema
from serve.core.model import Json

_NO_ARGUMENTS: Mapping[str, Json] = {"type": "object", "properties": {}, "additionalProperties": False}


def tools_of(written: Json, notes: list[Note]) -> list[Entry]:
    """A tool for each declared function, as OpenAI writes them (with or without its wrapping) or as Prompty does."""
    if not isinstance(written, list):
        if written:
            notes.append(Note("fault", "tools", "are no list; they were left out"))
        return []
    found = [_tool(item, notes) for item in written]
    by_id = {tool.id: tool for tool in found if tool is not None}
    return list(by_id.values())


def _tool(written: Json, notes: list[Note]) -> Entry | None:
    if not isinstance(written, Mapping):
        notes.append(Note("fault", "tools", "hold an item that is no mapping; it was left out"))
        return None
    inner = written.get("function")
    said = inner if isinstance(inner, Mapping) else written
    kind = written.get("kind", written.get("type", "function"))
    name = said.get("name", said.get("id"))
    if kind != "function":
        why = f"is of the kind {kind}; a tool here declares a function, and who runs it is up to the service"
        notes.append(Note("lost", f"tool {name or kind}", why))
        return None
    if not isinstance(name, str) or not name:
        notes.append(Note("fault", "tools", "hold a function without a name; it was left out"))
        return None
    ours = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]
    if ours != name:
        notes.append(
            Note("changed", f"tool {name}", f"is called {ours} here; providers take no other letters")
        )
    return Entry(
        "tool", f"tools/{ours.lower().strip('-_') or 'tool'}", _declaration(ours, said, written, notes)
    )


def _declaration(
    name: str, said: Mapping[str, Json], written: Mapping[str, Json], notes: list[Note]
) -> dict[str, Json]:
    description = said.get("description")
    if not isinstance(description, str) or not description.strip():
        description = f"The function {name}."
        notes.append(
            Note("changed", f"tool {name}", "has no description; say what it does, the model reads it")
        )
    bound = written.get("bindings")
    parameters = _parameters(name, said.get("parameters"), notes)
    if isinstance(bound, Mapping | list) and bound:
        taken = (
            {str(key) for key in bound}
            if isinstance(bound, Mapping)
            else {str(each.get("name")) for each in bound if isinstance(each, Mapping)}
        )
        held = {key: value for key, value in parameters.get("properties", {}).items() if key not in taken}
        required = [key for key in parameters.get("required", ()) if key not in taken]
        parameters = {**parameters, "properties": held, "required": required}
        why = "are filled in by the service here; the model is not asked for them"
        notes.append(Note("lost", f"tool {name}: bindings", why))
    known = {"name", "id", "description", "parameters", "type", "kind", "function", "bindings"}
    others = [key for key in dict.fromkeys([*said, *written]) if key not in known]
    notes += [Note("lost", f"tool {name}: {key}", "a tool here has no such key") for key in others]
    return {"promptyard": 1, "name": name, "description": description.strip(), "parameters": parameters}


def _parameters(name: str, written: Json, notes: list[Note]) -> dict[str, Json]:
    """A JSON Schema of arguments, from one or from a list of Prompty's properties."""
    if not written:
        return dict(_NO_ARGUMENTS)
    is_schema = isinstance(written, Mapping) and ("type" in written or "$ref" in written)
    held = written.get("properties") if isinstance(written, Mapping) else None
    if is_schema and not isinstance(held, list):
        return dict(written)
    schemas: dict[str, Json] = {}
    required: list[str] = []
    for key, said in properties(written, f"tool {name}", notes):
        schemas[key] = (
            property_schema(said, f"tool {name}: {key}", notes) if isinstance(said, Mapping) else {}
        )
        if isinstance(said, Mapping) and said.get("required") is True:
            required.append(key)
    whole: dict[str, Json] = {"type": "object", "properties": schemas, "additionalProperties": False}
    return whole | ({"required": required} if required else {})
