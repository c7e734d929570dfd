"""One rendered prompt to each provider's real request body.

A table per provider says which of our parameters it knows and under what name.
It must never drop what it cannot say: an unsupported parameter, part or order is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serve.core.errors import Usage
from serve.core.model import ChatMessage, ContentPart, Json, ModelConfig, Output, Tool

OPENAI_PARAMETERS = {
    "temperature": "temperature",
    "maxTokens": "max_completion_tokens",
    "topP": "top_p",
    "stop": "stop",
    "seed": "seed",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "reasoningEffort": "reasoning_effort",
}
ANTHROPIC_PARAMETERS = {
    "temperature": "temperature",
    "maxTokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "stop": "stop_sequences",
}
CTRANSLATE2_PARAMETERS = {
    "temperature": "sampling_temperature",
    "maxTokens": "max_length",
    "topP": "sampling_topp",
    "topK": "sampling_topk",
    "stop": "stop",
    "seed": "seed",
    "repetitionPenalty": "repetition_penalty",
}
PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "openai": OPENAI_PARAMETERS,
    "openai-compatible": OPENAI_PARAMETERS,
    "anthropic": ANTHROPIC_PARAMETERS,
    "ctranslate2": CTRANSLATE2_PARAMETERS,
}


@dataclass(frozen=True, slots=True)
class Call:
    """All that a request body is made of."""

    messages: Sequence[ChatMessage]
    model: ModelConfig
    parameters: Mapping[str, Json] = field(default_factory=dict)
    output: Output | None = None
    tools: Sequence[Tool] = ()


def openai(call: Call) -> dict[str, Json]:
    """The body of ``POST /v1/chat/completions`` (OpenAI API reference, chat completions).

    Raises:
        Usage: PAY001 for a parameter, PAY002 for a message that this provider cannot take.
    """
    body: dict[str, Json] = {
        "model": call.model.model,
        "messages": [{"role": m.role, "content": _openai_content(m)} for m in call.messages],
        **_parameters(call, OPENAI_PARAMETERS, "openai"),
    }
    if call.output is not None:
        shape = {"name": call.output.name or "answer", "schema": call.output.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    if call.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": t.name, "description": t.description, "parameters": t.parameters},
            }
            for t in call.tools
        ]
    return body


def anthropic(call: Call) -> dict[str, Json]:
    """The body of ``POST /v1/messages`` (Anthropic API reference, messages).

    Raises:
        Usage: PAY001 for a parameter, PAY002 for a message that this provider cannot take,
            PAY003 when ``maxTokens`` is missing, which this provider demands.
    """
    parameters = _parameters(call, ANTHROPIC_PARAMETERS, "anthropic")
    if "max_tokens" not in parameters:
        what = f"model {call.model.id} has no maxTokens, which anthropic demands"
        raise Usage("PAY003", what, "Set parameters.maxTokens in the model file.")
    lead, rest = _split_system(call.messages)
    body: dict[str, Json] = {
        "model": call.model.model,
        "messages": [{"role": m.role, "content": _anthropic_content(m)} for m in rest],
        **parameters,
    }
    if lead:
        body["system"] = "\n\n".join(m.text for m in lead)
    if call.output is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": call.output.schema}}
    if call.tools:
        body["tools"] = [
            {"name": t.name, "description": t.description, "input_schema": t.parameters} for t in call.tools
        ]
    return body


def _parameters(call: Call, names: Mapping[str, str], provider: str) -> dict[str, Json]:
    for name in call.parameters:
        if name not in names:
            what = f"{provider} has no parameter {name} (model {call.model.id})"
            raise Usage("PAY001", what, f"Known are: {', '.join(sorted(names))}.")
    return {names[name]: value for name, value in call.parameters.items()}


def _split_system(messages: Sequence[ChatMessage]) -> tuple[list[ChatMessage], list[ChatMessage]]:
    lead = next((i for i, m in enumerate(messages) if m.role != "system"), len(messages))
    rest = list(messages[lead:])
    for message in rest:
        if message.role not in ("user", "assistant"):
            what = f"anthropic takes no {message.role} message at that place"
            raise Usage("PAY002", what, "Put system messages first.")
    return list(messages[:lead]), rest


def _openai_content(message: ChatMessage) -> Json:
    if isinstance(message.content, str):
        return message.content
    return [_openai_part(part) for part in message.content]


def _openai_part(part: ContentPart) -> Json:
    if part.kind == "text":
        return {"type": "text", "text": part.text}
    if part.kind == "image":
        return {"type": "image_url", "image_url": {"url": part.text}}
    raise Usage("PAY002", "openai chat takes no file by URL", "Use an image part, or another provider.")


def _anthropic_content(message: ChatMessage) -> Json:
    if isinstance(message.content, str):
        return message.content
    kinds = {"image": "image", "file": "document"}
    return [
        {"type": "text", "text": part.text}
        if part.kind == "text"
        else {"type": kinds[part.kind], "source": {"type": "url", "url": part.text}}
        for part in message.content
    ]
