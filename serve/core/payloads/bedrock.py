"""The arguments of Amazon Bedrock's Converse, as ``boto3`` takes them; ``modelId`` stands in the URL on the wire.

Source: Amazon Bedrock API reference, Converse. Blobs are bytes here and base64 in JSON (:func:`wire`).
It must never pass on an address that Bedrock would not fetch: it reads bytes and S3, nothing else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from itertools import count

from serve.core.errors import Usage
from serve.core.model import CallingMessage, ChatMessage, ContentPart, Json, Tool, ToolMessage
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

PARAMETERS: Names = {
    "temperature": "temperature",
    "maxTokens": "maxTokens",
    "topP": "topP",
    "stop": "stopSequences",
}
_IMAGES = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "webp": "webp"}
_DOCUMENTS = {name: name for name in ("csv", "doc", "docx", "html", "md", "pdf", "txt", "xls", "xlsx")}


def bedrock(call: Call) -> dict[str, Json]:
    """The arguments of ``converse``.

    Raises:
        Usage: PAY001 for a parameter, PAY002 for a message or a part, PAY004 for an empty message, PAY005
            where the user does not begin, PAY006 for a ``data:`` URL that is not base64, PAY008 for a
            temperature above 1.
    """
    limit_temperature(call, "bedrock")
    text_only(call.messages, "bedrock")
    require_tools(call, "bedrock")
    lead, rest = split_system(call, "bedrock")
    config = named_parameters(call, PARAMETERS, "bedrock")
    numbers = count(1)
    body: dict[str, Json] = {
        "modelId": call.model.model,
        "messages": [{"role": turn.role, "content": _content(turn, numbers)} for turn in turns(rest)],
    }
    if lead:
        body["system"] = [{"text": message.text} for message in lead]
    if config:
        body["inferenceConfig"] = config
    if call.output is not None:
        schema = json.dumps(call.output.schema, ensure_ascii=False)
        shape = {"name": call.output.name or "answer", "schema": schema}
        body["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": shape}}}
    if call.tools:
        body["toolConfig"] = {"tools": [{"toolSpec": _tool(tool)} for tool in call.tools]}
    return body


def wire(body: Json) -> Json:
    """A request body as JSON: bytes in base64, as AWS sends them."""
    if isinstance(body, Mapping):
        return {key: wire(value) for key, value in body.items()}
    if isinstance(body, (list, tuple)):
        return [wire(value) for value in body]
    return base64.b64encode(body).decode() if isinstance(body, bytes) else body


def _tool(tool: Tool) -> Json:
    return {"name": tool.name, "description": tool.description, "inputSchema": {"json": tool.parameters}}


def _content(turn: Turn, numbers: Iterator[int]) -> list[Json]:
    blocks = [block for message in turn.messages for block in _blocks(message, numbers)]
    if any("document" in block for block in blocks) and not any("text" in block for block in blocks):
        what = "bedrock takes a file only in a message that has text too"
        raise Usage("PAY002", what, "Say in a text part what the file is for.")
    return blocks


def _blocks(message: ChatMessage, numbers: Iterator[int]) -> list[Json]:
    if isinstance(message, ToolMessage):
        answer = {"toolUseId": message.tool_call_id, "content": [{"text": message.text}]}
        return [{"toolResult": answer}]
    blocks = [_block(part, numbers) for part in parts_of(message)]
    if isinstance(message, CallingMessage):
        blocks += [
            {"toolUse": {"toolUseId": c.id, "name": c.name, "input": c.arguments}} for c in message.tool_calls
        ]
    return blocks


def _block(part: ContentPart, numbers: Iterator[int]) -> Json:
    if part.kind == "text":
        return {"text": part.text}
    found = attachment(part)
    known = _IMAGES if part.kind == "image" else _DOCUMENTS
    if found.suffix not in known:
        what = f"bedrock takes no {part.kind} of type {found.media_type or 'unknown'}"
        raise Usage(
            "PAY002", what, f"Known are: {', '.join(sorted(set(known.values())))}; name it with mediaType."
        )
    block = {"format": known[found.suffix], "source": _source(found)}
    if part.kind == "image":
        return {"image": block}
    return {"document": {**block, "name": f"file {next(numbers)}"}}


def _source(found: Attachment) -> Json:
    if found.data is not None:
        return {"bytes": found.content}
    if found.scheme == "s3":
        return {"s3Location": {"uri": found.url}}
    what = f"bedrock takes no {found.kind} by {found.scheme} address"
    raise Usage("PAY002", what, "Pass it as a data: URL or an s3: address.")
