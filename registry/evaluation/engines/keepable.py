"""Answers as UTF-8 and JSON can hold them: a provider's reply may be neither, and every answer is written down.

JSON's escapes can name half a character, and a parser that is kind takes NaN for a number.
It must never change an answer that can be kept as it is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from registry.evaluation.records import Called, Completion
from serve.core.codec import to_json
from serve.core.digest import canonical


def keepable(completion: Completion) -> Completion:
    """The same answer; where it cannot be written, half characters are U+FFFD and odd arguments are text."""
    if _can_be_written(completion):
        return completion
    return replace(
        completion,
        text=_whole(completion.text),
        model=None if completion.model is None else _whole(completion.model),
        tool_calls=tuple(_call(each) for each in completion.tool_calls),
    )


def _call(call: Called) -> Called:
    named = replace(call, id=_whole(call.id), name=_whole(call.name))
    return named if _can_be_written(named) else replace(named, arguments=_as_text(call.arguments))


def _can_be_written(value: Any) -> bool:
    try:
        canonical(to_json(value))
    except (ValueError, RecursionError):
        return False
    return True


def _as_text(arguments: Any) -> str:
    try:
        return _whole(arguments if isinstance(arguments, str) else json.dumps(arguments))
    except RecursionError:
        return ""


def _whole(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
