"""The body of ``POST /v1/messages``.

Source: Anthropic API reference, messages; its page on structured outputs for the schema's keywords.
Temperature, top-p and top-k exist under ``anthropic-version: 2023-06-01`` alone; the version 2026-10-21, which the
SDK sends from 2.0 on, refuses them, and some newer models refuse them under either.
It must never put a tool's answer behind the user's words: the results come first in a turn.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from serve.core.errors import Usage
from serve.core.model import CallingMessage, ChatMessage, ContentPart, Json, ToolMessage
from serve.core.payloads.call import (
    Call,
    Names,
    Turn,
    limit_temperature,
    named_parameters,
    parts_of,
    require_tools,
    split_system,
    text_only,
    turns,
)
from serve.core.payloads.media import Attachment, attachment
from serve.core.payloads.structured import SchemaRules

PARAMETERS: Names = {
    "temperature": "temperature",
    "maxTokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "stop": "stop_sequences",
}
SCHEMA_RULES = SchemaRules(
    keywords=frozenset(
        (
            "$defs", "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const", "default", "definitions",
            "description", "enum", "format", "items", "minItems", "pattern", "properties", "required", "title", "type",
        )
    ),
    closed=True,
    most_min_items=1,
    recursive=False,
)  # fmt: skip
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def anthropic(call: Call) -> dict[str, Json]:
    """The request body.

    Raises:
        Usage: PAY001 for a parameter, PAY002 for a message or a part, PAY003 when ``maxTokens`` is missing,
            which this provider demands, PAY004 for an empty message, PAY005 where the user does not begin,
            PAY006 for a ``data:`` URL that is not base64, PAY008 for a temperature above 1.
    """
    parameters = named_parameters(call, PARAMETERS, "anthropic")
    if "max_tokens" not in parameters:
        what = f"model {call.model.id} has no maxTokens, which anthropic demands"
        raise Usage("PAY003", what, "Set parameters.maxTokens in the model file.")
    limit_temperature(call, "anthropic")
    text_only(call.messages, "anthropic")
    require_tools(call, "anthropic")
    _distinct_calls(call.messages)
    lead, rest = split_system(call, "anthropic")
    body: dict[str, Json] = {
        "model": call.model.model,
        "messages": [{"role": turn.role, "content": _content(turn)} for turn in turns(rest)],
        **parameters,
    }
    if lead:
        body["system"] = "\n\n".join(message.text for message in lead)
    if call.output is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": call.output.schema}}
    if call.tools:
        body["tools"] = [
            {"name": t.name, "description": t.description, "input_schema": t.parameters} for t in call.tools
        ]
    return body


def _distinct_calls(messages: Sequence[ChatMessage]) -> None:
    ids = [c.id for message in messages if isinstance(message, CallingMessage) for c in message.tool_calls]
    if len(set(ids)) < len(ids):
        what = "anthropic takes no two calls of tools with one id, not even in different turns"
        raise Usage("PAY002", what, "Give every call in the history an id of its own.")


def _content(turn: Turn) -> Json:
    only = turn.messages[0]
    if len(turn.messages) == 1 and type(only) is ChatMessage and isinstance(only.content, str):
        return only.content
    return [block for message in turn.messages for block in _blocks(message)]


def _blocks(message: ChatMessage) -> list[Json]:
    if isinstance(message, ToolMessage):
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.text}]
    blocks = [_block(part) for part in parts_of(message)]
    if isinstance(message, CallingMessage):
        blocks += [
            {"type": "tool_use", "id": c.id, "name": c.name, "input": c.arguments} for c in message.tool_calls
        ]
    return blocks


def _block(part: ContentPart) -> Json:
    if part.kind == "text":
        return {"type": "text", "text": part.text}
    found = attachment(part)
    if part.kind == "image":
        return {"type": "image", "source": _image(found)}
    return {"type": "document", "source": _document(found)}


def _image(found: Attachment) -> Json:
    if found.data is None:
        return {"type": "url", "url": found.url}
    if found.media_type not in _IMAGES:
        what = f"anthropic takes no image of type {found.media_type or 'unknown'}"
        raise Usage("PAY002", what, f"Known are: {', '.join(_IMAGES)}.")
    return {"type": "base64", "media_type": found.media_type, "data": found.data}


def _document(found: Attachment) -> Json:
    if found.data is None:
        return {"type": "url", "url": found.url}
    if found.media_type == "application/pdf":
        return {"type": "base64", "media_type": "application/pdf", "data": found.data}
    if (found.media_type or "").startswith("text/"):
        return {"type": "text", "media_type": "text/plain", "data": _text(found)}
    what = f"anthropic takes no file of type {found.media_type or 'unknown'}"
    raise Usage("PAY002", what, "Pass a PDF or plain text.")


def _text(found: Attachment) -> str:
    try:
        return base64.b64decode(found.data or "").decode()
    except UnicodeDecodeError as error:
        raise Usage(
            "PAY006", "the text in a data: URL is not UTF-8", "Encode the text as UTF-8 first."
        ) from error
