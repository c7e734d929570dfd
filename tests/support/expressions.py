"""The expressions of workflows, ``${{ … }}``, as a runner works them out: enough of them for ours, and no more.

An expression that holds anything else is an error, so that no workflow is tested by a guess.
Source: GitHub's documentation of expressions in workflows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<call>\w+)\(\)|(?P<name>[A-Za-z_][\w.-]*)|(?P<sign>&&|\|\||==|!=|[!()]))"
)
_SIGNS = {"&&": " and ", "||": " or ", "!": " not ", "==": "==", "!=": "!=", "(": "(", ")": ")"}


def evaluate(expression: str, contexts: Mapping[str, Any], calls: Mapping[str, bool]) -> Any:
    """The value of one expression without its braces; what a context lacks is the empty text."""
    words, at, values = [], 0, {}
    source = expression.strip()
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise ValueError(f"not an expression that is known here: {source[at:]}")
        at = found.end()
        if found["sign"]:
            words.append(_SIGNS[found["sign"]])
            continue
        name = f"v{len(values)}"
        values[name] = _value(found, contexts, calls)
        words.append(name)
    return eval("".join(words), {"__builtins__": {}}, values)  # names and signs of ours alone


def filled(text: str, contexts: Mapping[str, Any], calls: Mapping[str, bool]) -> str:
    """A text with every expression replaced by its value."""

    def worked_out(found: re.Match[str]) -> str:
        value = evaluate(found[1], contexts, calls)
        return (
            {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        )

    return re.sub(r"\$\{\{(.*?)\}\}", worked_out, text)


def holds(condition: Any, contexts: Mapping[str, Any], calls: Mapping[str, bool]) -> bool:
    """Whether an ``if`` lets a job or a step run; without a status function it asks for success too."""
    if condition is None:
        return calls["success"]
    inner = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", str(condition).strip())
    asks = re.search(r"\b(success|failure|always|cancelled)\(\)", inner)
    return bool(evaluate(inner, contexts, calls)) and (bool(asks) or calls["success"])


def _value(found: re.Match[str], contexts: Mapping[str, Any], calls: Mapping[str, bool]) -> Any:
    if found["text"]:
        return found["text"][1:-1].replace("''", "'")
    if found["call"]:
        return calls[found["call"]]
    value: Any = contexts
    for step in found["name"].split("."):
        value = value.get(step, "") if isinstance(value, Mapping) else ""
    return value
