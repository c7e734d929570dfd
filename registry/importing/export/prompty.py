"""Prompty 2: a head of YAML, and a body of Jinja2 in which lines such as ``user:`` begin messages.

Source: the model and the parser of the reference library, prompty 2.1.
It must never write a body that would be cut into other messages than ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from registry.authoring.emit import to_yaml
from registry.importing.export.jinja import plain_jinja
from registry.importing.export.left import left_behind, trusts
from registry.importing.export.port import Exported, Unheld
from registry.importing.export.properties import properties
from registry.importing.export.whole import Turn, Whole
from registry.importing.port import Note
from serve.core.codec import to_json
from serve.core.model import Json

NAME = "prompty"
_OPTIONS = {
    "temperature": "temperature", "maxTokens": "maxOutputTokens", "topP": "topP", "topK": "topK", "seed": "seed",
    "frequencyPenalty": "frequencyPenalty", "presencePenalty": "presencePenalty", "stop": "stopSequences",
    "reasoningEffort": "reasoningEffort",
}  # fmt: skip
_PROVIDERS = {"openai": "openai", "openai-compatible": "openai", "anthropic": "anthropic"}
_ROLE_LINE = re.compile(r"(?im)^\s*#?\s*(system|user|assistant|developer|tool|function)(\[.*\])?\s*:\s*$")
_ODD_LINES = re.compile(r"[\x0b\x0c\x1c-\x1e\x85\u2028\u2029\r]")
_FENCE = re.compile(r"---|\+\+\+")


def write(whole: Whole) -> Exported:
    """The file, or why there is none."""
    notes = [*left_behind(whole, ("tools",)), *trusts(whole.source.inputs)]
    head: dict[str, Json] = {"name": whole.source.name or whole.id}
    if whole.source.description:
        head["description"] = whole.source.description
    head["model"] = _model(whole, notes)
    head["inputs"] = _inputs(whole, notes)
    head |= _outputs(whole, notes)
    if whole.tools:
        head["tools"] = [_tool(tool, notes) for tool in whole.tools.values()]
    head["template"] = {"format": {"kind": "jinja2", "strict": True}, "parser": {"kind": "prompty"}}
    bodies, faults = _bodies(whole, notes)
    text = to_yaml({key: value for key, value in head.items() if value})
    if _FENCE.search(text):
        faults.append(
            Note("fault", "head", "holds --- or +++, which Prompty takes for its end; write it otherwise")
        )
    name = f"{whole.id.rsplit('/', 1)[-1]}{f'.{whole.variant}' if whole.variant else ''}.prompty"
    body = "\n\n".join(bodies)
    return Exported(name, None if faults else f"---\n{text}---\n{body}\n", (*faults, *notes))


def _bodies(whole: Whole, notes: list[Note]) -> tuple[list[str], list[Note]]:
    bodies: list[str] = []
    faults: list[Note] = []
    for number, turn in enumerate(whole.turns, 1):
        name = f"message {turn.id or number}"
        try:
            bodies.append(_body(turn, name, whole, notes))
        except Unheld as error:
            faults.append(Note("fault", name, error.what, error.line))
    return bodies, faults


def _body(turn: Turn, name: str, whole: Whole, notes: list[Note]) -> str:
    if turn.history is not None:
        return f"{{{{ {turn.history} }}}}"
    if [piece.kind for piece in turn.pieces] != ["text"]:
        raise Unheld("has images or files, which Prompty has as inputs only")
    text = plain_jinja(turn.pieces[0].template, whole.source.inputs)
    found = _ROLE_LINE.search(text)
    if found:
        raise Unheld(f"has the line {found[0].strip()}, at which Prompty begins another message")
    if _ODD_LINES.search(text):
        raise Unheld("has line ends that Prompty makes plain newlines")
    if text.startswith(("\n", "{{", "{%")) or text.endswith(("\n", "}}", "%}")):
        notes.append(Note("changed", name, "newlines at its beginning and end are left out there"))
    return f"{turn.role}:\n{text}"


def _model(whole: Whole, notes: list[Note]) -> dict[str, Json]:
    held: dict[str, Json] = {"id": whole.model.model}
    provider = _PROVIDERS.get(whole.model.engine)
    if provider is None:
        why = f"{whole.model.engine} is none of its providers; name yours"
        notes.append(Note("lost", "engine", why))
    else:
        held["provider"] = provider
    held["apiType"] = "chat"
    options = {_OPTIONS[key]: value for key, value in whole.parameters.items() if key in _OPTIONS}
    if isinstance(options.get("stopSequences"), str):
        options["stopSequences"] = [options["stopSequences"]]
    other = {key: value for key, value in whole.parameters.items() if key not in _OPTIONS}
    if other:
        options["additionalProperties"] = other
    return held | ({"options": options} if options else {})


def _inputs(whole: Whole, notes: list[Note]) -> list[Json]:
    schemas: Mapping[str, Mapping[str, Json]] = to_json(dict(whole.source.inputs))
    required = frozenset(name for name, schema in schemas.items() if "default" not in schema)
    threads = [{"name": turn.history, "kind": "thread"} for turn in whole.turns if turn.history is not None]
    return [*properties(schemas, required, "", notes), *threads]


def _outputs(whole: Whole, notes: list[Note]) -> dict[str, Json]:
    output = whole.source.output
    if output is None:
        return {}
    schema: dict[str, Any] = to_json(dict(output.schema))
    held = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(held, Mapping):
        notes.append(Note("lost", "output", "is no object with properties, which is all the format has"))
        return {}
    needed = frozenset(map(str, schema.get("required") or ()))
    return {"outputs": properties(held, needed, "output ", notes)}


def _tool(tool: Any, notes: list[Note]) -> dict[str, Json]:
    schema = to_json(dict(tool.parameters))
    needed = frozenset(map(str, schema.get("required") or ()))
    held = properties(schema.get("properties") or {}, needed, f"tool {tool.name} ", notes)
    return {"name": tool.name, "kind": "function", "description": tool.description, "parameters": held}
