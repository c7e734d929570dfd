"""docs/settings.md and the schema of promptyard.yaml name the same keys with the same defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas/settings.schema.json").read_text("utf-8"))
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]*) \| (.+) \|$", re.MULTILINE)
STANDS_FOR_ANY = re.compile(r"\b[A-Z]{4,}\b")  # NAME, CODE
LEAVES = {"lint.exceptions"}  # its keys are told in one row


def rows() -> dict[str, tuple[str, str]]:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    return {STANDS_FOR_ANY.sub("*", key): (default, meaning) for key, default, meaning in ROW.findall(page)}


def resolved(schema: Any) -> Any:
    while "$ref" in schema and schema["$ref"].startswith("#/"):
        target: Any = SCHEMA
        for step in schema["$ref"][2:].split("/"):
            target = target[step]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def leaves(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    schema = resolved(schema)
    below = [(name, inner) for name, inner in schema.get("properties", {}).items()]
    if isinstance(schema.get("additionalProperties"), dict):
        below.append(("*", schema["additionalProperties"]))
    if not below or path in LEAVES:
        yield path, schema
        return
    for name, inner in below:
        yield from leaves(inner, f"{path}.{name}".lstrip("."))


def named(path: str) -> list[str]:
    """The rows that may tell of a key: its own, or one for all engines."""
    parts = path.split(".")
    return [path, ".".join([parts[0], "*", *parts[2:]])] if parts[0] == "engines" else [path]


def test_every_key_of_the_schema_has_a_row_and_no_row_is_of_another_key() -> None:
    known = rows()
    found = dict(leaves(SCHEMA))
    lacking = [path for path in found if not any(name in known for name in named(path))]
    assert not lacking, f"docs/settings.md tells nothing of {lacking}"
    possible = {name for path in found for name in named(path)} | {"channels"}
    assert not known.keys() - possible, "docs/settings.md tells of keys that the schema does not have"


def test_the_defaults_are_those_of_the_schema() -> None:
    known = rows()
    for path, schema in leaves(SCHEMA):
        told = next((known[name][0] for name in named(path) if name in known), "")
        default = schema.get("default")
        if default is not None and path != "promptyard":
            shown = str(default).lower() if isinstance(default, bool) else str(default)
            assert shown in told, f"{path}: the schema says {shown}, docs/settings.md {told}"
