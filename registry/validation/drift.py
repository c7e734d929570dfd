"""Names of model parameters that drift in from providers and other tools, and what they are called here.

It must never hold a name that one of our engines has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

ALIASES: Mapping[str, str] = {
    "max_tokens": "maxTokens",
    "max_completion_tokens": "maxTokens",
    "max_output_tokens": "maxTokens",
    "max_new_tokens": "maxTokens",
    "max_length": "maxTokens",
    "maxCompletionTokens": "maxTokens",
    "maxOutputTokens": "maxTokens",
    "maxNewTokens": "maxTokens",
    "maxLength": "maxTokens",
    "num_predict": "maxTokens",
    "top_p": "topP",
    "sampling_topp": "topP",
    "nucleus": "topP",
    "top_k": "topK",
    "sampling_topk": "topK",
    "temp": "temperature",
    "sampling_temperature": "temperature",
    "stop_sequences": "stop",
    "stopSequences": "stop",
    "stop_words": "stop",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "repetition_penalty": "repetitionPenalty",
    "repeat_penalty": "repetitionPenalty",
    "reasoning_effort": "reasoningEffort",
    "random_seed": "seed",
}


def drifted(name: str, known: Collection[str]) -> str | None:
    """What a foreign name is called here, when the engine whose parameters are ``known`` has it; else None."""
    ours = ALIASES.get(name)
    return ours if ours in known and name not in known else None
