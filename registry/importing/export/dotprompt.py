"""Dotprompt: a head of YAML, and a body of Handlebars in which ``{{role}}`` begins a message.

Source: google/dotprompt, its specification and its Python library dotpromptz 0.2.
It must never write a body that would be cut into other messages than ours.
"""

from __future__ import annotations

from registry.authoring.emit import to_yaml
from registry.importing.export.handlebars import handlebars
from registry.importing.export.left import left_behind, trusts
from registry.importing.export.port import Exported, Unheld
from registry.importing.export.whole import Turn, Whole
from registry.importing.port import Note
from serve.core.codec import to_json
from serve.core.model import Json

NAME = "dotprompt"
_CONFIG = {
    "temperature": "temperature", "maxTokens": "maxOutputTokens", "topP": "topP", "topK": "topK",
    "stop": "stopSequences",
}  # fmt: skip
_PROVIDERS = {"openai": "openai", "anthropic": "anthropic", "gemini": "googleai", "bedrock": "bedrock"}
_ROLES = {"system": "system", "user": "user", "assistant": "model"}
_MARK = "<<<dotprompt:"


def write(whole: Whole) -> Exported:
    """The file, or why there is none; a variant's name stands in the file's, as the format has it."""
    notes = [*left_behind(whole, ("tools",)), *trusts(whole.source.inputs)]
    head: dict[str, Json] = {}
    if whole.source.name:
        notes.append(Note("lost", "name", "a file's own name is its name there"))
    if whole.source.description:
        head["description"] = whole.source.description
    head["model"] = _model(whole, notes)
    config = {_CONFIG.get(key, key): value for key, value in whole.parameters.items()}
    if config:
        head["config"] = config
    head |= _input(whole)
    if whole.source.output is not None:
        head["output"] = {"format": "json", "schema": to_json(dict(whole.source.output.schema))}
    if whole.tools:
        head["tools"] = [tool.name for tool in whole.tools.values()]
        why = "is named; the service that reads the file declares it"
        notes += [Note("lost", f"tool {tool.name}", why) for tool in whole.tools.values()]
    body, faults = _body(whole, notes)
    name = f"{whole.id.rsplit('/', 1)[-1]}{f'.{whole.variant}' if whole.variant else ''}.prompt"
    return Exported(name, None if faults else f"---\n{to_yaml(head)}---\n{body}\n", (*faults, *notes))


def _body(whole: Whole, notes: list[Note]) -> tuple[str, list[Note]]:
    body = ""
    faults: list[Note] = []
    for number, turn in enumerate(whole.turns, 1):
        name = f"message {turn.id or number}"
        try:
            text = _text(turn, whole, name, notes)
        except Unheld as error:
            faults.append(Note("fault", name, error.what, error.line))
            continue
        body = _appended(body, "history" if turn.history else f'role "{_ROLES[turn.role]}"', text)
    if body != body.rstrip():
        notes.append(Note("changed", "the last message", "white space at its end is left out there"))
    return body.rstrip(), faults


def _text(turn: Turn, whole: Whole, name: str, notes: list[Note]) -> str:
    if turn.history is not None:
        notes.append(
            Note("changed", name, f"{turn.history} is the one history of a call there; it has no name")
        )
        return ""
    if [piece.kind for piece in turn.pieces] != ["text"]:
        raise Unheld("has images or files, which this writer does not write")
    text = handlebars(turn.pieces[0].template, whole.source.inputs)
    if _MARK in text:
        raise Unheld(f"holds {_MARK}, at which the format begins another message")
    return text


def _appended(body: str, tag: str, text: str) -> str:
    """The body with one more message; ``~`` takes the line ends away that are there for the eye alone."""
    before = "\n{{~" if body and body == body.rstrip() else "{{"
    if text[:1].isspace():
        return f"{body}{before}{tag}}}}}{text}"
    return f"{body}{before}{tag}~}}}}\n{text}"


def _model(whole: Whole, notes: list[Note]) -> str:
    model = whole.model
    provider = _PROVIDERS.get(model.engine)
    if provider is None or model.model.startswith(f"{provider}/"):
        if provider is None and "/" not in model.model:
            notes.append(
                Note("changed", "model", f"is {model.model} of {model.engine}; name its plugin before it")
            )
        return model.model
    return f"{provider}/{model.model}"


def _input(whole: Whole) -> dict[str, Json]:
    inputs = to_json(dict(whole.source.inputs))
    if not inputs:
        return {}
    defaults = {name: schema.pop("default") for name, schema in inputs.items() if "default" in schema}
    for schema in inputs.values():
        schema.pop("trust", None)
    required = [name for name in inputs if name not in defaults]
    whole_schema: dict[str, Json] = {"type": "object", "properties": inputs, "additionalProperties": False}
    if required:
        whole_schema["required"] = required
    return {"input": {"schema": whole_schema} | ({"default": defaults} if defaults else {})}
