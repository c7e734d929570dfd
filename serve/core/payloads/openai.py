"""The body of ``POST /v1/chat/completions``, for OpenAI and for servers that speak its language.

Source: OpenAI API reference, chat completions; guide to structured outputs for the schema's keywords.
It must never send an answer's schema without ``strict``: a schema that is only a hint enforces nothing.
"""

from __future__ import annotations

import json

from serve.core.errors import Usage
from serve.core.model import CallingMessage, ChatMessage, ContentPart, Json, Tool, ToolMessage
from serve.core.payloads.call import Call, Names, named_parameters, text_only
from serve.core.payloads.media import attachment
from serve.core.payloads.structured import SchemaRules

PARAMETERS: Names = {
    "temperature": "temperature",
    "maxTokens": "max_completion_tokens",
    "topP": "top_p",
    "stop": "stop",
    "seed": "seed",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "reasoningEffort": "reasoning_effort",
}
COMPATIBLE_PARAMETERS: Names = {**PARAMETERS, "maxTokens": "max_tokens"}  # the name that such servers share
SCHEMA_RULES = SchemaRules(
    keywords=frozenset(
        (
            "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "definitions", "description", "enum",
            "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems", "maximum", "minItems", "minimum",
            "multipleOf", "pattern", "properties", "required", "title", "type",
        )
    ),
    closed=True,
    all_required=True,
    object_root=True,
)  # fmt: skip


def openai(call: Call) -> dict[str, Json]:
    """The request body.

    Raises:
        Usage: PAY001 for a parameter, PAY002 for a message or a part, PAY006 for a ``data:`` URL that this
            provider cannot take.
    """
    compatible = call.model.engine == "openai-compatible"
    text_only(call.messages, "openai")
    body: dict[str, Json] = {
        "model": call.model.model,
        "messages": [_message(message) for message in call.messages],
        **named_parameters(call, COMPATIBLE_PARAMETERS if compatible else PARAMETERS, "openai"),
    }
    if call.output is not None:
        shape = {"name": call.output.name or "answer", "schema": call.output.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    if call.tools:
        body["tools"] = [{"type": "function", "function": _function(tool)} for tool in call.tools]
    return body


def _function(tool: Tool) -> Json:
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


def _message(message: ChatMessage) -> Json:
    if isinstance(message, ToolMessage):
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.text}
    if isinstance(message, CallingMessage):
        spoken = {"content": message.text} if message.text else {}
        calls = [
            {
                "id": c.id,
                "type": "function",
                "function": {"name": c.name, "arguments": arguments_text(c.arguments)},
            }
            for c in message.tool_calls
        ]
        return {"role": "assistant", **spoken, "tool_calls": calls}
    content = message.content
    return {
        "role": message.role,
        "content": content if isinstance(content, str) else [_part(p) for p in content],
    }


def arguments_text(arguments: Json) -> str:
    """The arguments of a call as OpenAI writes them: JSON in a string."""
    return json.dumps(arguments, ensure_ascii=False)


def _part(part: ContentPart) -> Json:
    if part.kind == "text":
        return {"type": "text", "text": part.text}
    found = attachment(part)
    if part.kind == "image":
        return {"type": "image_url", "image_url": {"url": found.url}}
    if found.data is None:
        advice = "Pass it as a data: URL, render for openai-responses, or use an image part."
        raise Usage("PAY002", "openai chat takes no file by URL", advice)
    return {"type": "file", "file": {"filename": f"file.{found.suffix or 'bin'}", "file_data": found.url}}
