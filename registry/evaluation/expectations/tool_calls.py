"""The tool calls of an answer, whoever gave it: the engine's own, or those that stand as JSON in its text.

Local models write calls as text, and recorded answers hold them in a provider's own form; one reader knows all.
It must never invent a call: what has no name is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registry.evaluation.expectations.strict_json import NotJson, parse
from registry.evaluation.records import Completion
from serve.core.model import Json


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the tool's name, and its arguments as they were given (an object, or a text that may be JSON)."""

    name: str
    arguments: Json


def calls_of(completion: Completion, text: str) -> list[Call]:
    """Every call of an answer, in order; the text is read only where the engine gave no call."""
    if completion.tool_calls:
        return [Call(call.name, call.arguments) for call in completion.tool_calls]
    try:
        return list(_calls(parse(text)))
    except NotJson:
        return [call for line in text.splitlines() for call in _of_line(line.strip())]


def _of_line(line: str) -> Iterator[Call]:
    if line.startswith(("{", "[")):
        try:
            yield from _calls(parse(line))
        except NotJson:
            return


def _calls(value: Json) -> Iterator[Call]:
    if isinstance(value, list):
        for item in value:
            yield from _one(item, alone=False)
    elif isinstance(value, dict):
        for key in ("tool_calls", "functionCalls"):
            if isinstance(value.get(key), list):
                yield from _calls(value[key])
                return
        if isinstance(value.get("toolCall"), dict):
            yield from _calls(value["toolCall"])
        else:
            yield from _one(value, alone=True)


def _one(value: Json, *, alone: bool) -> Iterator[Call]:
    """One call; an object that stands alone must say what it is, for ``name`` means much."""
    if not isinstance(value, Mapping):
        return
    for key, arguments in (("function", "arguments"), ("functionCall", "args")):
        inner = value.get(key)
        if isinstance(inner, Mapping) and isinstance(inner.get("name"), str):
            yield Call(inner["name"], inner.get(arguments))
            return
    name = value.get("name")
    given = next((value[key] for key in ("input", "arguments", "args") if key in value), None)
    if isinstance(name, str) and (not alone or value.get("type") == "tool_use"):
        yield Call(name, given)
