"""Which model a foreign file asks, as a model config of ours, and its parameters under our names.

It must never carry an endpoint or a key: those belong to the service that calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing.port import Entry, Note
from serve.core.model import Json

ENGINES: Mapping[str, str] = {
    **dict.fromkeys(
        ("openai", "azure", "azure_openai", "azureopenai", "chatopenai", "azurechatopenai"), "openai"
    ),
    **dict.fromkeys(("anthropic", "claude", "chatanthropic"), "anthropic"),
    **dict.fromkeys(
        ("google", "googleai", "gemini", "vertex", "vertexai", "palm", "chatgooglegenerativeai"), "gemini"
    ),
    **dict.fromkeys(("bedrock", "aws", "bedrockchat", "chatbedrock"), "bedrock"),
}
_PARAMETERS: Mapping[str, str] = {
    "temperature": "temperature",
    **dict.fromkeys(
        (
            "maxTokens", "max_tokens", "maxOutputTokens", "max_output_tokens", "maxCompletionTokens",
            "max_completion_tokens", "max_new_tokens", "max_length",
        ),
        "maxTokens",
    ),
    **dict.fromkeys(("topP", "top_p"), "topP"),
    **dict.fromkeys(("topK", "top_k"), "topK"),
    **dict.fromkeys(("stop", "stopSequences", "stop_sequences"), "stop"),
    "seed": "seed",
    **dict.fromkeys(("frequencyPenalty", "frequency_penalty"), "frequencyPenalty"),
    **dict.fromkeys(("presencePenalty", "presence_penalty"), "presencePenalty"),
    **dict.fromkeys(("reasoningEffort", "reasoning_effort"), "reasoningEffort"),
    **dict.fromkeys(("repetitionPenalty", "repetition_penalty"), "repetitionPenalty"),
}  # fmt: skip
UNNAMED = "unnamed"


def model_entry(provider: str, name: str) -> Entry:
    """A model config for a provider's model, by the provider's name as foreign files spell it.

    A provider that is not in ``ENGINES`` is taken as one that speaks OpenAI's protocol.
    """
    engine = ENGINES.get(re.sub(r"[\s-]", "", provider).lower(), "openai-compatible")
    slug = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or UNNAMED
    return Entry("model", f"models/{slug[:60]}", {"promptyard": 1, "engine": engine, "model": name})


def unnamed_model() -> tuple[Entry, Note]:
    """The model config of a prompt whose file names no model, and the note that says so."""
    why = f"the file names none; write its name into models/{UNNAMED}.model.yaml"
    return model_entry("", UNNAMED), Note("changed", "model", why)


def parameters_of(
    written: Mapping[str, Json], engine_known: Mapping[str, str]
) -> tuple[dict[str, Json], tuple[Note, ...]]:
    """Decoding parameters under our names, and what was renamed or left out.

    Args:
        written: parameters as the file spells them.
        engine_known: the parameters of the engine, ``serve.core.payloads.PARAMETERS[engine]``.
    """
    kept: dict[str, Json] = {}
    notes: list[Note] = []
    for key, value in written.items():
        ours = _PARAMETERS.get(key)
        if value is None:
            continue
        if ours is None or ours not in engine_known:
            notes.append(Note("lost", f"parameter {key}", "the engine has no such parameter here"))
            continue
        kept[ours] = value
        if ours != key:
            notes.append(Note("changed", f"parameter {key}", f"is called {ours} here"))
    return kept, tuple(notes)
