"""OpenAI's chat completions, and the servers that speak its language: how to call, how an answer reads.

Source: OpenAI API reference, the chat completion object. Servers leave fields out that OpenAI always sends.
It must never take an answer without a choice for an empty answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from registry.evaluation.engines.hosted_http import Dialect
from registry.evaluation.records import Called, Completion, Finish

_FINISH: Mapping[str, Finish] = {
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def read(found: Any) -> Completion:
    """A chat completion as ours; raises KeyError, TypeError, ValueError or IndexError where it is none."""
    choice = found["choices"][0]
    message = choice["message"]
    usage = found.get("usage") or {}
    calls = message.get("tool_calls") or ()
    return Completion(
        text=text_of(message.get("content") or message.get("refusal") or ""),
        prompt_tokens=int(usage.get("prompt_tokens") or 0),
        completion_tokens=int(usage.get("completion_tokens") or 0),
        cached_tokens=int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0),
        finish=_FINISH.get(choice.get("finish_reason") or "", "stop"),
        tool_calls=tuple(_called(call) for call in calls),
        model=str(found.get("model") or "") or None,
    )


def text_of(content: Any) -> str:
    """The text of a message, whose parts some servers send apart."""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part.get("type") == "text")


def _called(call: Any) -> Called:
    """A call of a function, or of a tool that takes free text."""
    if "function" not in call:
        return Called(str(call["id"]), str(call["custom"]["name"]), str(call["custom"]["input"]))
    function = call["function"]
    return Called(str(call.get("id", "")), str(function["name"]), arguments_of(function.get("arguments")))


def arguments_of(text: Any) -> Any:
    """The arguments that a model wrote as JSON in a text, or the text where it is no JSON object."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, dict) else text


OPENAI = Dialect(path=lambda _: "/chat/completions", headers=_headers, read=read, spent="insufficient_quota")
