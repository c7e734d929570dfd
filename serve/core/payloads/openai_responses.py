"""The body of ``POST /v1/responses``.

Source: OpenAI API reference, responses. Tools are declared without ``strict``, as chat completions does by
default, so that one declaration means the same to both.
It must never lean on the provider's own memory of a conversation: every message is in the body.
"""

from __future__ import annotations

from collections.abc import Iterator

from serve.core.model import CallingMessage, ChatMessage, ContentPart, Json, ToolMessage
from serve.core.payloads.call import Call, Names, named_parameters, text_only
from serve.core.payloads.media import attachment
from serve.core.payloads.openai import arguments_text

PARAMETERS: Names = {
    "temperature": "temperature",
    "maxTokens": "max_output_tokens",
    "topP": "top_p",
    "reasoningEffort": "reasoning",
}


def openai_responses(call: Call) -> dict[str, Json]:
    """The request body.

    Raises:
        Usage: PAY001 for a parameter, PAY002 for a part, PAY006 for a ``data:`` URL that this provider
            cannot take.
    """
    text_only(call.messages, "openai-responses")
    parameters = named_parameters(call, PARAMETERS, "openai-responses")
    if "reasoning" in parameters:
        parameters["reasoning"] = {"effort": parameters["reasoning"]}
    body: dict[str, Json] = {
        "model": call.model.model,
        "input": [item for message in call.messages for item in _items(message)],
        **parameters,
    }
    if call.output is not None:
        shape = {"name": call.output.name or "answer", "schema": call.output.schema, "strict": True}
        body["text"] = {"format": {"type": "json_schema", **shape}}
    if call.tools:
        body["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": False,
            }
            for tool in call.tools
        ]
    return body


def _items(message: ChatMessage) -> Iterator[Json]:
    if isinstance(message, ToolMessage):
        yield {"type": "function_call_output", "call_id": message.tool_call_id, "output": message.text}
        return
    if not isinstance(message, CallingMessage):
        yield {"role": message.role, "content": _content(message)}
        return
    if message.text:
        yield {"role": "assistant", "content": message.text}
    for c in message.tool_calls:
        arguments = arguments_text(c.arguments)
        yield {"type": "function_call", "call_id": c.id, "name": c.name, "arguments": arguments}


def _content(message: ChatMessage) -> Json:
    if isinstance(message.content, str) or message.role == "assistant":
        return message.text  # what the assistant said is output, whose parts have another form
    return [_part(part) for part in message.content]


def _part(part: ContentPart) -> Json:
    if part.kind == "text":
        return {"type": "input_text", "text": part.text}
    found = attachment(part)
    if part.kind == "image":
        return {"type": "input_image", "image_url": found.url, "detail": "auto"}
    if found.data is None:
        return {"type": "input_file", "file_url": found.url}
    return {"type": "input_file", "filename": f"file.{found.suffix or 'bin'}", "file_data": found.url}
