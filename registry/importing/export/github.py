"""GitHub's ``.prompt.yml``: text in which ``{{name}}`` is replaced, and nothing else.

Source: ``TemplateString`` and ``File`` in github/gh-models, 2026.
It must never write a template with logic: GitHub would send its tags as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from jinja2 import nodes

from registry.authoring.emit import to_yaml
from registry.importing.export.left import left_behind, trusts
from registry.importing.export.port import Exported, Unheld
from registry.importing.export.whole import Turn, Whole
from registry.importing.port import Note
from serve.core.codec import to_json
from serve.core.model import Json
from serve.core.render import environment

NAME = "github"
_PARAMETERS = ("maxTokens", "temperature", "topP")
_GAP = "\x00"  # stands for a value; no text of ours can hold it
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}")


def write(whole: Whole) -> Exported:
    """The file, or why there is none."""
    notes = [*left_behind(whole, ("tests",)), *trusts(whole.source.inputs), *_inputs(whole)]
    data: dict[str, Json] = {"name": whole.source.name or whole.id}
    if whole.source.description:
        data["description"] = whole.source.description
    data["model"] = _model(whole, notes)
    parameters = {key: value for key, value in whole.parameters.items() if key in _PARAMETERS}
    if parameters:
        data["modelParameters"] = parameters
    notes += [
        Note("lost", f"parameter {key}", f"the format has {', '.join(_PARAMETERS)} only")
        for key in whole.parameters
        if key not in _PARAMETERS
    ]
    data |= _output(whole, notes)
    messages, faults = _messages(whole)
    data["messages"] = messages
    data |= _tests(whole, notes)
    if whole.tools:
        notes.append(Note("lost", f"tools {', '.join(whole.tools)}", "the format has no tools"))
    name = f"{whole.id.rsplit('/', 1)[-1]}{f'.{whole.variant}' if whole.variant else ''}.prompt.yml"
    return Exported(name, None if faults else to_yaml(data), (*faults, *notes))


def _messages(whole: Whole) -> tuple[list[Json], list[Note]]:
    messages: list[Json] = []
    faults: list[Note] = []
    for number, turn in enumerate(whole.turns, 1):
        try:
            messages.append({"role": turn.role, "content": _content(turn, whole.source.inputs)})
        except Unheld as error:
            faults.append(Note("fault", f"message {turn.id or number}", error.what, error.line))
    return messages, faults


def _content(turn: Turn, inputs: Mapping[str, Json]) -> str:
    if turn.history is not None:
        raise Unheld(f"is the place of the conversation {turn.history}; the format has no such place")
    if [piece.kind for piece in turn.pieces] != ["text"]:
        raise Unheld("has images or files; the format has text only")
    pieces: list[str | nodes.Name] = []
    for node in environment().parse(turn.pieces[0].template).body:
        for part in _parts(node):
            match part:
                case nodes.TemplateData():
                    pieces.append(part.data)
                case nodes.Const(value=str() as text):
                    pieces.append(text)
                case nodes.Name():
                    pieces.append(part)
                case _:
                    raise Unheld("prints more than a plain variable; the format has no more", part.lineno)
    words = "".join(piece if isinstance(piece, str) else _GAP for piece in pieces)
    for found in _VARIABLE.finditer(words):
        if found[1] in inputs:
            raise Unheld(f"has {found[0]} as text, which GitHub would fill in")
    return "".join(piece if isinstance(piece, str) else f"{{{{{piece.name}}}}}" for piece in pieces)


def _parts(node: nodes.Node) -> list[nodes.Expr]:
    if isinstance(node, nodes.Output):
        return node.nodes
    raise Unheld(f"has the tag {type(node).__name__.lower()}; the format has no logic", node.lineno)


def _model(whole: Whole, notes: list[Note]) -> str:
    model = whole.model
    if model.engine == "openai-compatible" or "/" in model.model:
        return model.model
    if model.engine == "ctranslate2":
        notes.append(Note("lost", "model", f"{model.model} runs in the service itself; name one of GitHub's"))
        return model.model
    name = f"{model.engine}/{model.model}"
    notes.append(Note("changed", "model", f"is {name}; GitHub names models by publisher and name"))
    return name


def _inputs(whole: Whole) -> list[Note]:
    typed = [name for name, schema in whole.source.inputs.items() if schema.keys() - {"trust"}]
    if not typed:
        return []
    return [
        Note("lost", f"schema of {', '.join(typed)}", "variables have no types, bounds or defaults there")
    ]


def _output(whole: Whole, notes: list[Note]) -> dict[str, Json]:
    output = whole.source.output
    if output is None:
        return {}
    notes.append(Note("changed", "output", "is responseFormat and jsonSchema there, a text of JSON"))
    held = {"name": output.name or "answer", "strict": True, "schema": to_json(output.schema)}
    return {"responseFormat": "json_schema", "jsonSchema": json.dumps(held, ensure_ascii=False, indent=2)}


def _tests(whole: Whole, notes: list[Note]) -> dict[str, Json]:
    tests: dict[str, Json] = {}
    if whole.source.test_data:
        tests["testData"] = to_json(list(whole.source.test_data))
    evaluators: list[Json] = []
    for evaluator in to_json(list(whole.source.evaluators)):
        if {"llm", "uses"} & evaluator.keys() or set(evaluator.get("string", {"matches": ""})) - {"matches"}:
            evaluators.append(evaluator)
        else:
            notes.append(
                Note("lost", f"evaluator {evaluator['name']}", "GitHub has string, llm and uses only")
            )
    return tests | ({"evaluators": evaluators} if evaluators else {})
