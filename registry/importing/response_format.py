"""OpenAI's ``response_format`` as the output of a prompt of ours.

It must never make a schema of what only asks for JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing.port import Note
from serve.core.model import Json

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def output_of(form: Mapping[str, Json], notes: list[Note]) -> dict[str, Json] | None:
    """The answer's schema and its name, of a form of type ``json_schema``; None, told, where it holds none."""
    inner = form.get("json_schema", form.get("schema"))
    inner = inner if isinstance(inner, Mapping) else {}
    schema = inner.get("schema", inner if "properties" in inner or "type" in inner else None)
    if not isinstance(schema, Mapping):
        notes.append(Note("fault", "response_format", "is of type json_schema and holds no schema"))
        return None
    name = inner.get("name", form.get("name"))
    if inner.get("strict", form.get("strict")) is False:
        notes.append(Note("changed", "response_format.strict", "is always on here"))
    named = {"name": name} if isinstance(name, str) and _NAME.fullmatch(name) else {}
    return {"schema": dict(schema), **named}
