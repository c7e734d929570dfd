"""The one table of providers: which body, which parameters, which schemas.

It must never hold what a provider's own file can say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from serve.core.model import EngineName, Json
from serve.core.payloads import anthropic, bedrock, gemini, openai, openai_responses
from serve.core.payloads.call import Call, Names
from serve.core.payloads.structured import SchemaRules

CTRANSLATE2_PARAMETERS: Names = {
    "temperature": "sampling_temperature",
    "maxTokens": "max_length",
    "topP": "sampling_topp",
    "topK": "sampling_topk",
    "stop": "stop",
    "seed": "seed",
    "repetitionPenalty": "repetition_penalty",
}
PARAMETERS: Mapping[str, Names] = {
    "openai": openai.PARAMETERS,
    "openai-responses": openai_responses.PARAMETERS,
    "openai-compatible": openai.COMPATIBLE_PARAMETERS,
    "anthropic": anthropic.PARAMETERS,
    "gemini": gemini.PARAMETERS,
    "bedrock": bedrock.PARAMETERS,
    "ctranslate2": CTRANSLATE2_PARAMETERS,
}
BODIES: Mapping[str, Callable[[Call], dict[str, Json]]] = {
    "openai": openai.openai,
    "openai-responses": openai_responses.openai_responses,
    "anthropic": anthropic.anthropic,
    "gemini": gemini.gemini,
    "bedrock": bedrock.bedrock,
}
NATIVE: Mapping[EngineName, str] = {
    "openai": "openai",
    "openai-compatible": "openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "bedrock": "bedrock",
}
SCHEMA_RULES: Mapping[str, SchemaRules] = {
    "openai": openai.SCHEMA_RULES,
    "anthropic": anthropic.SCHEMA_RULES,
    "gemini": gemini.SCHEMA_RULES,
    "bedrock": anthropic.SCHEMA_RULES,  # documented as the same subset
}
USER_FIRST: frozenset[str] = frozenset(("anthropic", "gemini", "bedrock"))  # where the user begins and ends
