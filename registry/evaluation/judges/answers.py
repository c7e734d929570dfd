"""From a judge's answer to shares of its words.

A local judge chooses among the words, so its answer holds the probability of each. A hosted one writes: a word alone,
or the object that it was asked for.
It must never look for a verdict in prose: what is not one word is no verdict.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from registry.evaluation.records import Completion
from serve.core.model import Output

_AROUND = " \t\r\n\"'`*_.!"
VERDICT = "verdict"


def shares_of(completion: Completion, words: Sequence[str]) -> Mapping[str, float] | None:
    """The share of each word, which sum to 1; None for an answer that is no verdict."""
    if completion.shares:
        return completion.shares if set(completion.shares) == set(words) else None
    said = _said(completion.text).strip(_AROUND).casefold()
    found = [word for word in words if word.casefold() == said]
    return {word: float(word == found[0]) for word in words} if found else None


def output_of(words: Sequence[str]) -> Output:
    """The shape of an answer that providers can be made to hold to."""
    schema = {
        "type": "object",
        "properties": {VERDICT: {"type": "string", "enum": list(words)}},
        "required": [VERDICT],
        "additionalProperties": False,
    }
    return Output(schema, VERDICT)


def _said(text: str) -> str:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(held, dict) and set(held) == {VERDICT}:
        return str(held[VERDICT])
    return text
