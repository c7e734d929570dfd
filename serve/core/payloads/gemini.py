"""The body of ``models.generateContent``; the model's name stands in the URL, not in the body.

Source: Gemini API reference, generateContent, and the descriptions in Google's own SDK.
It must never send a part whose media type nobody named: the provider would guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serve.core.errors import Usage
from serve.core.model import CallingMessage, ChatMessage, ContentPart, Json, ToolMessage
from serve.core.payloads.call import (
    Call,
    Names,
    named_parameters,
    parts_of,
    split_system,
    text_only,
    turns,
)
from serve.core.payloads.media import attachment
from serve.core.payloads.structured import SchemaRules

PARAMETERS: Names = {
    "temperature": "temperature",
    "maxTokens": "maxOutputTokens",
    "topP": "topP",
    "topK": "topK",
    "stop": "stopSequences",
    "seed": "seed",
    "frequencyPenalty": "frequencyPenalty",
    "presencePenalty": "presencePenalty",
}
SCHEMA_RULES = SchemaRules(
    keywords=frozenset(
        (
            "$anchor", "$defs", "$id", "$ref", "additionalProperties", "anyOf", "description", "enum", "format", "items",
            "maxItems", "maximum", "minItems", "minimum", "oneOf", "prefixItems", "properties", "propertyOrdering",
            "required", "title", "type",
        )
    ),
)  # fmt: skip


def gemini(call: Call) -> dict[str, Json]:
    """The request body.

    Raises:
        Usage: PAY001 for a parameter, PAY002 for a message or a part, PAY004 for an empty message, PAY005
            where the user does not begin, PAY006 for a ``data:`` URL that is not base64.
    """
    text_only(call.messages, "gemini")
    lead, rest = split_system(call, "gemini")
    names = _answered(rest)
    body: dict[str, Json] = {
        "contents": [
            {
                "role": "model" if turn.role == "assistant" else "user",
                "parts": [part for message in turn.messages for part in _parts(message, names)],
            }
            for turn in turns(rest)
        ]
    }
    if lead:
        body["systemInstruction"] = {"parts": [{"text": message.text} for message in lead]}
    config = named_parameters(call, PARAMETERS, "gemini")
    if call.output is not None:
        config |= {"responseMimeType": "application/json", "responseJsonSchema": call.output.schema}
    if config:
        body["generationConfig"] = config
    if call.tools:
        declared = [
            {"name": t.name, "description": t.description, "parametersJsonSchema": t.parameters}
            for t in call.tools
        ]
        body["tools"] = [{"functionDeclarations": declared}]
    return body


def _answered(messages: Sequence[ChatMessage]) -> Iterator[str]:
    """The name of the tool behind each answer, in order; a later call may have the id of an earlier one."""
    names: dict[str, str] = {}
    for message in messages:
        if isinstance(message, CallingMessage):
            names |= {c.id: c.name for c in message.tool_calls}
        elif isinstance(message, ToolMessage):
            yield names.get(message.tool_call_id, message.tool_call_id)


def _parts(message: ChatMessage, names: Iterator[str]) -> list[Json]:
    if isinstance(message, ToolMessage):
        answer = {"id": message.tool_call_id, "name": next(names), "response": {"output": message.text}}
        return [{"functionResponse": answer}]
    parts = [_part(part) for part in parts_of(message)]
    if isinstance(message, CallingMessage):
        parts += [
            {"functionCall": {"id": c.id, "name": c.name, "args": c.arguments}} for c in message.tool_calls
        ]
    return parts


def _part(part: ContentPart) -> Json:
    if part.kind == "text":
        return {"text": part.text}
    found = attachment(part)
    if found.media_type is None:
        what = f"gemini wants the media type of a part of kind {part.kind}"
        raise Usage("PAY002", what, "Add mediaType to the part, such as image/png.")
    if found.data is not None:
        return {"inlineData": {"mimeType": found.media_type, "data": found.data}}
    return {"fileData": {"mimeType": found.media_type, "fileUri": found.url}}
