"""What a suite must know of its prompt: its inputs, variants and tools, whether it has an output schema and guardrails.

The inputs are checked by the very code that checks them in production.
It must never resolve or render: a suite is read also where its prompt would not resolve.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from registry.authoring.sources.prompt import PlaceholderSource, PromptSource
from serve.core.errors import InputsRefused
from serve.core.inputs import Inputs, with_marker
from serve.core.model import Json, Placeholder, Prompt, Reference


class PromptFacts:
    """The facts of one prompt source."""

    def __init__(self, source: PromptSource) -> None:
        self.variants = tuple(source.variants)
        self.has_output = source.output is not None
        self.has_guardrails = bool(source.guardrails)
        self.tools = source.tools
        self._inputs = _compiled(source)

    def refusal(self, inputs: Mapping[str, Json]) -> str | None:
        """Why the prompt would refuse some inputs, in one clause; None when it would take them."""
        if self._inputs is None:
            return None
        try:
            self._inputs.check(inputs, 0)
        except InputsRefused as refused:
            return refused.what.partition(": ")[2]
        except (ValueError, OverflowError):
            return "the inputs hold a number that JSON readers do not agree on"
        return None


def _compiled(source: PromptSource) -> Inputs | None:
    history = [item.history for item in source.messages if isinstance(item, PlaceholderSource)]
    return _inputs(json.dumps([with_marker("prompt", source.inputs), history]))


@lru_cache(maxsize=256)
def _inputs(written: str) -> Inputs | None:
    """Inputs by their JSON and the names of histories: prompts of one folder often take the same."""
    inputs, history = json.loads(written)
    prompt = Prompt(
        id="prompt", model=Reference("", ""), messages=tuple(map(Placeholder, history)), inputs=inputs
    )
    try:
        return Inputs(prompt)
    except ValueError:  # a schema that is none is the prompt's own finding
        return None
