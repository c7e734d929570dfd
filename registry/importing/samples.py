"""JSON Schemas of values that a file shows, completed by how its templates use them.

It must never make a schema narrower than the value that it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import jsonschema_rs

from registry.importing.inference import Usage, usages
from registry.importing.inputs import declared
from registry.importing.port import Note
from registry.importing.secrets import is_secret_name
from registry.validation.lints.tpl002_output_too_large import LIMIT
from registry.validation.template_policy import examine
from serve.core.model import Json

_NOT_USED = Usage()
_LONGEST = 4000


def schema_of(value: Json, use: Usage = _NOT_USED) -> dict[str, Json]:
    """The schema that a value fits, without bounds; of an object's properties those in use are required."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, list):
        return _list(value, use)
    if isinstance(value, Mapping):
        return _object([value], use)
    return {}


def of_all(values: Iterable[Json], use: Usage = _NOT_USED) -> dict[str, Json]:
    """The schema that all of some values fit; empty where they are of several types."""
    shown = [value for value in values if value is not None]
    if shown and all(isinstance(value, Mapping) for value in shown):
        return _object(shown, use)
    schemas = [schema_of(value, use) for value in shown]
    return schemas[0] if schemas and all(schema == schemas[0] for schema in schemas) else {}


def _list(values: list[Json], use: Usage) -> dict[str, Json]:
    items = of_all(values, use.item or _NOT_USED)
    return {"type": "array", "items": items} if items else {"type": "array"}


def _object(values: list[Mapping[str, Json]], use: Usage) -> dict[str, Json]:
    names = [
        str(name) for name in dict.fromkeys([*(name for value in values for name in value), *use.properties])
    ]
    held = {
        name: of_all((value.get(name) for value in values), use.properties.get(name, _NOT_USED))
        or use.properties.get(name, _NOT_USED).schema()
        for name in names
    }
    needed = [name for name in names if name in use.properties]
    return {"type": "object", "properties": held} | ({"required": needed} if needed else {})


def inputs_of(
    templates: Iterable[str], written: Mapping[str, Mapping[str, Json]]
) -> tuple[dict[str, Json], tuple[Note, ...]]:
    """The inputs of a prompt as ``declared`` gives them; what a template reads of an object is required of it."""
    texts = tuple(templates)
    used = usages(texts)
    hidden: list[Note] = []
    whole = {
        name: _completed(_without_secret(name, schema, hidden), used.get(name, _NOT_USED))
        for name, schema in written.items()
    }
    found = {
        name: _by_use(use)
        for name, use in used.items()
        if name not in written and (use.item or use.properties)
    }
    inputs, told = declared(texts, whole | found)
    why = "was not declared; its type is that of its use in the template"
    notes = [*hidden, *(Note("changed", f"input {name}", why) for name in found if name in inputs), *told]
    added = {note.what for note in told if note.why.startswith("maxLength")}
    for name, schema in inputs.items():
        inputs[name] = _with_room(name, schema, added, notes)
    if sum(examine(text, inputs).bound or 0 for text in texts) > LIMIT:
        inputs = declared(texts, whole | found)[0]
    return {name: _checked(name, schema, notes) for name, schema in inputs.items()}, tuple(notes)


def _without_secret(name: str, schema: Mapping[str, Json], notes: list[Note]) -> Mapping[str, Json]:
    """The schema without the values that a file shows of an input whose name says that it is a secret."""
    shown = [key for key in ("default", "examples", "enum", "const") if key in schema]
    if not shown or not is_secret_name(name):
        return schema
    notes.append(Note("lost", f"input {name}: value", "secrets stay out of files; the caller hands it over"))
    return {key: value for key, value in schema.items() if key not in shown}


def _with_room(name: str, schema: Json, added: set[str], notes: list[Note]) -> Json:
    """The schema with each added ``maxLength`` at least as great as the values that the file shows."""
    shown = [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())]
    return _roomy(schema, shown, f"input {name}", added, notes)


def _roomy(schema: Json, values: list[Json], path: str, added: set[str], notes: list[Note]) -> Json:
    if not isinstance(schema, Mapping):
        return schema
    out = dict(schema)
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    if path in added and longest > out.get("maxLength", longest):
        out["maxLength"] = -(-2 * longest // 1000) * 1000
        notes.append(
            Note("changed", path, f"maxLength is {out['maxLength']}, since the file shows a longer value")
        )
    if isinstance(out.get("items"), Mapping):
        inner = [item for value in values if isinstance(value, list) for item in value]
        out["items"] = _roomy(out["items"], inner, f"{path}[]", added, notes)
    if isinstance(out.get("properties"), Mapping):
        held = [value for value in values if isinstance(value, Mapping)]
        out["properties"] = {
            key: _roomy(each, [value[key] for value in held if key in value], f"{path}.{key}", added, notes)
            for key, each in out["properties"].items()
        }
    return out


def _checked(name: str, schema: Json, notes: list[Note]) -> Json:
    """The schema without examples, and without a default, that it does not allow itself."""
    out = dict(schema)
    plain = {key: value for key, value in schema.items() if key not in ("trust", "examples", "default")}
    try:
        validator = jsonschema_rs.Draft7Validator(plain)
    except ValueError:
        return out  # lint names what is wrong with it
    shown = out.get("examples", [])
    fitting = [value for value in shown if validator.is_valid(value)]
    short = [value for value in fitting if len(json.dumps(value, ensure_ascii=False)) <= _LONGEST]
    if len(fitting) < len(shown):
        notes.append(
            Note("lost", f"input {name}: examples", "do not fit what is declared of it; they were left out")
        )
    if len(short) < len(fitting):
        why = f"are over {_LONGEST} characters; keep them as cases of a suite"
        notes.append(Note("lost", f"input {name}: examples", why))
    if shown:
        out["examples"] = short
    if not out.get("examples", True):
        del out["examples"]
    if "default" in out and not validator.is_valid(out["default"]):
        notes.append(
            Note("fault", f"input {name}: default", "does not fit what is declared of it; it was left out")
        )
        del out["default"]
    return out


def _by_use(use: Usage) -> dict[str, Json]:
    if use.properties:
        held = {name: _by_use(inner) for name, inner in use.properties.items()}
        return {"type": "object", "properties": held, "required": list(held)}
    return {"type": "array", "items": _by_use(use.item)} if use.item is not None else {"type": "string"}


def _completed(schema: Mapping[str, Json], use: Usage) -> dict[str, Json]:
    """A schema with what its use tells of a list's items and an object's properties, where it leaves them open."""
    if not {"type", "enum", "const", "anyOf", "oneOf"} & schema.keys():
        return {**_by_use(use), **schema}
    out = dict(schema)
    if out.get("type") == "array" and use.item is not None:
        items = out.get("items")
        out["items"] = _completed(items, use.item) if isinstance(items, Mapping) else _by_use(use.item)
    if out.get("type") == "object" and use.properties:
        held = out.get("properties")
        held = dict(held) if isinstance(held, Mapping) else {}
        for name, inner in use.properties.items():
            held[name] = _completed(held.get(name, {}), inner)
        optional = {name for name in held if isinstance(held[name], Mapping) and "default" in held[name]}
        needed = [*(out.get("required") or ()), *(name for name in use.properties if name not in optional)]
        out |= {"properties": held, "required": list(dict.fromkeys(needed))}
    return out
