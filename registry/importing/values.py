"""What the values of a file's own tests ask of an input: the type they share, and bounds that let them through.

It must never narrow what a file declares.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

from registry.importing.port import Note
from serve.core.model import Json

_KINDS = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def shared_schema(values: Sequence[Json]) -> dict[str, Json]:
    """A JSON Schema without bounds that all values fit; nothing where there are none."""
    kinds = list(dict.fromkeys(kind_of(value) for value in values))
    if not kinds:
        return {}
    schema: dict[str, Json] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    if "array" in kinds:
        schema["items"] = shared_schema(
            [item for value in values if isinstance(value, list) for item in value]
        )
    if "object" in kinds:
        held = [value for value in values if isinstance(value, dict)]
        names = dict.fromkeys(name for value in held for name in value)
        schema["properties"] = {
            name: shared_schema([value[name] for value in held if name in value]) for name in names
        }
        required = [name for name in names if all(name in value for value in held)]
        schema |= {"required": required} if required else {}
    return schema


def completed(schema: Mapping[str, Json], use: Mapping[str, Json]) -> dict[str, Json]:
    """A schema with what it leaves open filled in by a use, all properties of which are then required."""
    if not {"type", "enum", "const", "anyOf", "oneOf", "allOf"} & schema.keys():
        return {**_required(use), **schema}
    out = dict(schema)
    kinds = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    if "array" in kinds:
        out["items"] = completed(_mapping(schema.get("items")), _mapping(use.get("items")))
    if "object" in kinds:
        asked = _mapping(use.get("properties"))
        held = _mapping(schema.get("properties"))
        if held:
            out["properties"] = {
                name: completed(_mapping(each), _mapping(asked.get(name))) for name, each in held.items()
            }
        elif asked and "default" not in schema:
            out |= _required(use)
    return out


def _required(use: Mapping[str, Json]) -> dict[str, Json]:
    """A schema of a use in which every property must be there: what a template prints, it needs."""
    out = dict(use)
    if isinstance(out.get("items"), Mapping):
        out["items"] = _required(out["items"])
    if isinstance(out.get("properties"), Mapping):
        out["properties"] = {name: _required(each) for name, each in out["properties"].items()}
        out["required"] = list(out["properties"])
    return out


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def kind_of(value: Json) -> str:
    """The name that JSON Schema has for the type of a value."""
    return next((kind for each, kind in _KINDS if isinstance(value, each)), "null")


def widened(
    inputs: Mapping[str, Json], samples: Sequence[Mapping[str, Json]]
) -> tuple[dict[str, Json], tuple[Note, ...]]:
    """The inputs with bounds that let every sample through, and a note for each bound that had to give way."""
    wider = copy.deepcopy(dict(inputs))
    notes: list[Note] = []
    for name, schema in wider.items():
        _widen(schema, [sample[name] for sample in samples if name in sample], f"input {name}", notes)
    return wider, tuple(notes)


def _widen(schema: Json, values: Sequence[Json], path: str, notes: list[Note]) -> None:
    if not isinstance(schema, dict) or not values:
        return
    for key, kind in (("maxLength", str), ("maxItems", list)):
        longest = max((len(value) for value in values if isinstance(value, kind)), default=0)
        if key in schema and longest > schema[key]:
            schema[key] = _rounded(longest)
            notes.append(Note("changed", path, f"{key} is {schema[key]}, so that the file's own values fit"))
    inside = [item for value in values if isinstance(value, list) for item in value]
    _widen(schema.get("items"), inside, f"{path}[]", notes)
    for name, held in (schema.get("properties") or {}).items():
        below = [value[name] for value in values if isinstance(value, Mapping) and name in value]
        _widen(held, below, f"{path}.{name}", notes)


def _rounded(size: int) -> int:
    """A round number with some room above a size."""
    step: int = 10 ** max(1, len(str(size)) - 1)
    return (size // step + 1) * step
