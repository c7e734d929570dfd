"""What a config in OpenAI's words asks beside a model and its parameters: the shape of the answer, and tools.

It must never make up a schema, nor read a file by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from registry.importing import functions, response_format
from registry.importing.port import Entry, Note
from serve.core.model import Json

APART = frozenset(("response_format", "tools", "functions", "tool_choice", "function_call", "prompts"))
Load = Callable[[str], Json]


def output_of(config: Mapping[str, Json], what: str, load: Load, notes: list[Note]) -> dict[str, Json]:
    """The shape of the answer that a config asks for, as a prompt's ``output``; nothing where it asks for none.

    Args:
        config: the whole config.
        what: what notes call it.
        load: the value of a file that the config names.
        notes: takes what cannot be carried.
    """
    asked = _loaded(config.get("response_format"), load)
    if not isinstance(asked, Mapping) or asked.get("type") == "text":
        return {}
    held = _loaded(asked.get("json_schema"), load)
    whole = {**asked, "json_schema": held} if held is not None else dict(asked)
    if isinstance(held, Mapping):
        whole["json_schema"] = {
            **held,
            **({"schema": _loaded(held["schema"], load)} if "schema" in held else {}),
        }
    elif "schema" not in asked:
        why = f"{asked.get('type')} without a schema; an output here has one"
        notes.append(Note("lost", f"{what}: response_format", why))
        return {}
    found = response_format.output_of(whole, notes)
    return {"output": found} if found else {}


def tools_of(config: Mapping[str, Json], what: str, load: Load, notes: list[Note]) -> list[Entry]:
    """The tools that a config declares, in OpenAI's words or Anthropic's."""
    written: list[Json] = []
    for key in ("tools", "functions"):
        value = _loaded(config.get(key), load)
        if value is not None and not isinstance(value, list):
            notes.append(Note("lost", f"{what}: {key}", "is no list of declarations"))
        written += [_as_openai(_loaded(item, load)) for item in value] if isinstance(value, list) else []
    notes += [
        Note("lost", f"{what}: {key}", "which tool is called is the caller's to say")
        for key in ("tool_choice", "function_call")
        if config.get(key) is not None
    ]
    return functions.tools_of(written, notes)


def _as_openai(item: Json) -> Json:
    if isinstance(item, Mapping) and "input_schema" in item and "parameters" not in item:
        kept = {key: value for key, value in item.items() if key not in ("input_schema", "type")}
        return {**kept, "parameters": item["input_schema"]}
    return item


def _loaded(value: Json, load: Load) -> Json:
    if isinstance(value, str) and value.startswith("file://"):
        return load(value)
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
