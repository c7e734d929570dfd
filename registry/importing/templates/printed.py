"""Lists and objects that a foreign template prints as they stand, which have no one obvious text here.

Python's and JavaScript's tools print them in their own words; here the caller makes text of them.
It must never change the type of what a template looks into.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from registry.importing.inference import Usage
from registry.importing.port import Note
from serve.core.model import Json

_OF_LISTS = ("items", "properties", "required", "minItems", "maxItems")


def printed_as_text(
    schemas: Mapping[str, Mapping[str, Json]],
    templates: list[str],
    used: Mapping[str, Usage],
    notes: list[Note],
) -> dict[str, dict[str, Json]]:
    """The schemas, those of lists and objects that are only printed made text; defaults and examples fit them."""
    out: dict[str, dict[str, Json]] = {}
    for name, schema in schemas.items():
        use = used.get(name)
        made = dict(schema)
        is_whole = use is not None and use.item is None and not use.properties
        if schema.get("type") in ("array", "object") and is_whole and not _is_json(name, templates, schema):
            why = (
                f"is printed as it stands, so it is text here; the caller makes text of the {schema['type']}"
            )
            notes.append(Note("changed", f"input {name}", why))
            made = {key: value for key, value in schema.items() if key not in _OF_LISTS} | {"type": "string"}
        _fit(name, made, notes)
        out[name] = made
    return out


def _is_json(name: str, templates: list[str], schema: Mapping[str, Json]) -> bool:
    """True where a value is only ever written as JSON, and its schema says what it holds."""
    bare = re.compile(rf"\{{\{{[-+]?\s*{re.escape(name)}\s*[-+]?\}}\}}")
    known = "items" in schema or "properties" in schema
    return known and not any(bare.search(template) for template in templates)


def _fit(name: str, schema: dict[str, Json], notes: list[Note]) -> None:
    """Make the default and the examples of an input values of its type."""
    kind = schema.get("type")
    if "default" in schema and not _fits(schema["default"], kind):
        text = _as_text(schema["default"])
        if kind == "string":
            notes.append(Note("changed", f"input {name}: default", f"is the text {text} here"))
            schema["default"] = text
        else:
            notes.append(Note("fault", f"input {name}: default", f"{text} is no {kind}; it was left out"))
            del schema["default"]
    if "examples" in schema:
        shown = [value if _fits(value, kind) else _as_text(value) for value in schema["examples"]]
        kept = [value for value in shown if _fits(value, kind)]
        if len(kept) < len(shown):
            notes.append(Note("lost", f"input {name}: sample", f"is no {kind}; it was left out"))
        schema["examples"] = kept
        if not kept:
            del schema["examples"]


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fits(value: Json, kind: Json) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, Mapping)
    return True
