"""Checks of the tools that an answer asks for: is-valid-tool-call, tool-call-f1.

Calls are read from the engine, or from the answer's text in any provider's form; tools are the prompt's own.
It must never call a tool, and never take an answer without a call for a valid call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    Threshold,
    bad_value,
    limit,
    missing,
    nothing_problems,
)
from registry.evaluation.expectations.schemas import misfit
from registry.evaluation.expectations.strict_json import NotJson, parse
from registry.evaluation.expectations.text import list_problems
from registry.evaluation.expectations.tool_calls import Call, calls_of
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json, Tool

_F1 = Threshold("the least F1 of the tools' names", 0.8, default=1, most=1)


def _is_valid(_expectation: Expectation, subject: Subject) -> Outcome:
    render = subject.around.render
    if render is None:
        return missing("needs the prompt's tools, which are not known here")
    tools = {tool.name: tool for tool in render.tools}
    if not tools:
        return missing("needs tools, and the prompt has none")
    calls = calls_of(subject.completion, subject.text)
    if not calls:
        return Outcome(False, "asks for no tool")
    wrong = next((why for call in calls if (why := _wrong(call, tools)) is not None), None)
    return Outcome(wrong is None, wrong or f"asks for {', '.join(call.name for call in calls)} as it should")


def _wrong(call: Call, tools: Mapping[str, Tool]) -> str | None:
    """What is wrong with a call, or None."""
    if call.name not in tools:
        return f"asks for {call.name}, which is no tool of the prompt"
    arguments = call.arguments
    if isinstance(arguments, str):
        try:
            arguments = parse(arguments)
        except NotJson as problem:
            return f"gives {call.name} arguments that are not JSON: {problem}"
    if not isinstance(arguments, Mapping):
        return f"gives {call.name} no arguments as an object"
    why = misfit(tools[call.name].parameters, dict(arguments))
    return None if why is None else f"gives {call.name} other arguments: {why}"


def _f1(expectation: Expectation, subject: Subject) -> Outcome:
    value = expectation.value
    wanted = {value} if isinstance(value, str) else set(value)
    called = {call.name for call in calls_of(subject.completion, subject.text)}
    f1 = 2 * len(wanted & called) / (len(wanted) + len(called))
    told = ", ".join(sorted(called)) or "no tool"
    fact = f"asks for {told}: an F1 of {f1:.3f}, where {limit(expectation):g} is asked"
    return Outcome(f1 >= limit(expectation), fact, f1)


def _names_problems(value: Json) -> Iterator[Problem]:
    if isinstance(value, str):
        if not value or "," in value:
            yield bad_value("The value must be a list of tools.", "Write [search, book]; text is not split.")
    else:
        yield from list_problems(value)


TYPES = (
    ExpectationType("is-valid-tool-call", _is_valid, nothing_problems),
    ExpectationType("tool-call-f1", _f1, _names_problems, _F1),
)
