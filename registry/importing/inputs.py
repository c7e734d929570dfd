"""The inputs of an imported prompt: what the file declares, completed by how its templates use them.

Our prompts know their greatest size before they are sent; no other format asks for that, so bounds are added
and told.
It must never leave a bound out, nor add one without a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from registry.importing.inference import usages
from registry.importing.port import Note
from serve.core.model import Json

MAX_LENGTH = 20_000
MAX_ITEMS = 100
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
_KEYS = frozenset((
    "type", "trust", "title", "description", "default", "examples", "enum", "const", "maxLength", "minLength",
    "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "items",
    "maxItems", "minItems", "uniqueItems", "properties", "required", "additionalProperties", "propertyNames",
    "maxProperties", "anyOf", "oneOf", "allOf",
))  # fmt: skip
_BOUNDED = "so that the prompt has a greatest size; set what your callers need"


def declared(
    templates: Iterable[str], written: Mapping[str, Mapping[str, Json]]
) -> tuple[dict[str, Json], tuple[Note, ...]]:
    """The inputs of a prompt, each with a type and bounds, and what was added or left out.

    Args:
        templates: the templates of all its messages, already in our Jinja2.
        written: the JSON Schema of each variable that the file declares; ``{}`` where it says nothing.
    """
    used = usages(templates)
    notes: list[Note] = []
    inputs: dict[str, Json] = {}
    for name in dict.fromkeys([*written, *used]):
        if not _NAME.fullmatch(name):
            notes.append(Note("fault", f"variable {name}", "is no plain name; rename it here and in callers"))
            continue
        given = dict(written.get(name, {}))
        if name not in used:
            notes.append(Note("lost", f"input {name}", "is declared but no message prints it"))
            continue
        if name not in written:
            why = "was not declared; its type is that of its use in the template"
            notes.append(Note("changed", f"input {name}", why))
        schema = (
            given if "type" in given or "enum" in given or "anyOf" in given else used[name].schema() | given
        )
        inputs[name] = _bounded(schema, used[name].schema(), f"input {name}", notes)
    return inputs, tuple(notes)


def _bounded(schema: Mapping[str, Json], use: Mapping[str, Json], path: str, notes: list[Note]) -> Json:
    """A schema with the keys we know, a type and all bounds; ``use`` fills in what it leaves open."""
    kept = {key: value for key, value in schema.items() if key in _KEYS}
    notes += [Note("lost", f"{path}: {key}", "inputs have no such key") for key in schema if key not in _KEYS]
    if not {"enum", "const", "anyOf", "oneOf"} & kept.keys():
        kept.setdefault("type", use.get("type", "string"))
    kinds = kept.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if "string" in kinds and not {"enum", "const", "maxLength"} & kept.keys():
        kept["maxLength"] = MAX_LENGTH
        notes.append(Note("changed", path, f"maxLength: {MAX_LENGTH} was added, {_BOUNDED}"))
    if "array" in kinds:
        kept["items"] = _bounded(_mapping(kept.get("items")), _mapping(use.get("items")), f"{path}[]", notes)
        if "maxItems" not in kept:
            kept["maxItems"] = MAX_ITEMS
            notes.append(Note("changed", path, f"maxItems: {MAX_ITEMS} was added, {_BOUNDED}"))
    if "object" in kinds:
        kept |= _object(kept, use, path, notes)
    for key in ("anyOf", "oneOf"):
        if key in kept:
            kept[key] = [_bounded(option, use, path, notes) for option in kept[key]]
    return kept


def _object(
    kept: Mapping[str, Json], use: Mapping[str, Json], path: str, notes: list[Note]
) -> dict[str, Json]:
    asked = _mapping(use.get("properties"))
    given = _mapping(kept.get("properties"))
    names = dict.fromkeys([*given, *asked])
    held = {
        name: _bounded(
            _mapping(given.get(name, asked.get(name))), _mapping(asked.get(name)), f"{path}.{name}", notes
        )
        for name in names
    }
    required = [name for name in (kept.get("required") or (() if given else asked)) if name in held]
    closed: dict[str, Json] = {"properties": held, "additionalProperties": False}
    return closed | ({"required": required} if required else {})


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
