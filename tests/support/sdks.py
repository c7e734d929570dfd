"""Request bodies held against the providers' own SDKs: their types, strictly, and what they put on the wire."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
from pydantic import ConfigDict, TypeAdapter
from typing_extensions import is_typeddict

from serve.core.model import Json


def check_openai(body: Json) -> None:
    from openai import OpenAI
    from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

    _check_type(body, CompletionCreateParamsNonStreaming, "openai.types")
    answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": []}
    assert (
        _sent(lambda http: OpenAI(api_key="k", http_client=http).chat.completions.create(**body), answer)
        == body
    )


def check_openai_responses(body: Json) -> None:
    from openai import OpenAI
    from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

    _check_type(body, ResponseCreateParamsNonStreaming, "openai.types")
    answer = {"id": "x", "object": "response", "created_at": 0, "model": "m", "output": []}
    assert _sent(lambda http: OpenAI(api_key="k", http_client=http).responses.create(**body), answer) == body


def check_anthropic(body: Json) -> None:
    """The sampling parameters are looked at apart: API version 2026-10-21 and the SDK from 2.0 have none."""
    from anthropic.resources.messages import Messages
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

    sampling = {"temperature": float, "top_p": float, "top_k": int}
    assert all(isinstance(body[name], kind | int) for name, kind in sampling.items() if name in body)
    rest = {key: value for key, value in body.items() if key not in sampling}
    _check_type(rest, MessageCreateParamsNonStreaming, "anthropic.types")
    assert rest.keys() <= inspect.signature(Messages.create).parameters.keys()


def check_gemini(body: Json) -> None:
    from google.genai import types

    assert body.keys() <= {"contents", "systemInstruction", "generationConfig", "tools"}
    contents = [_same(types.Content, content) for content in body["contents"]]
    config = _same(types.GenerateContentConfig, body.get("generationConfig", {}))
    if "systemInstruction" in body:
        config.system_instruction = _same(types.Content, body["systemInstruction"])
    config.tools = [_same(types.Tool, tool) for tool in body.get("tools", [])] or None
    client, seen = _gemini_client()
    client.models.generate_content(model="m", contents=contents, config=config)
    said = {key: value for key, value in seen.pop().items() if value}
    assert _camel(said) == _camel(body)  # the SDK leaves some keys in Python's spelling; the API reads both


def check_bedrock(body: Json) -> None:
    import botocore.serialize
    import botocore.session
    from botocore.validate import ParamValidator

    from serve.core.payloads import wire

    operation = _bedrock_model().operation_model("Converse")
    report = ParamValidator().validate(body, operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    request = botocore.serialize.create_serializer("rest-json").serialize_to_request(body, operation)
    named = {key: value for key, value in wire(body).items() if key != "modelId"}
    assert json.loads(request["body"]) == named


CHECKS: dict[str, Callable[[Json], None]] = {
    "openai": check_openai,
    "openai-responses": check_openai_responses,
    "anthropic": check_anthropic,
    "gemini": check_gemini,
    "bedrock": check_bedrock,
}


@cache
def _adapter(kind: Any, package: str) -> TypeAdapter[Any]:
    """A type of an SDK in which no TypedDict takes a key that it does not name."""
    for name in [name for name in sys.modules if name.startswith(package)]:
        for value in vars(sys.modules[name]).values():
            if is_typeddict(value):
                value.__pydantic_config__ = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    return TypeAdapter(kind)


def _check_type(body: Json, kind: Any, package: str) -> None:
    _exhaust(_adapter(kind, package).validate_python(body, strict=True))


def _exhaust(value: Any) -> None:
    """Look at all of a value: pydantic checks the items of an Iterable only as they are asked for."""
    if isinstance(value, dict):
        value = value.values()
    elif isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        return
    for item in value:
        _exhaust(item)


def _same(kind: Any, data: Json) -> Any:
    """The SDK's value of JSON that it writes again in the very same words."""
    made = kind.model_validate(data)
    assert made.model_dump(mode="json", by_alias=True, exclude_none=True) == data
    return made


def _sent(call: Callable[[httpx.Client], Any], answer: Json) -> Json:
    seen: list[Json] = []
    with httpx.Client(transport=_taking(seen, answer)) as http:
        call(http)
    (body,) = seen
    return body


def _taking(seen: list[Json], answer: Json) -> httpx.MockTransport:
    """A network that notes the bodies it is sent and always gives one answer."""

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json=answer)

    return httpx.MockTransport(take)


@cache
def _gemini_client() -> tuple[Any, list[Json]]:
    from google import genai

    seen: list[Json] = []
    http = httpx.Client(transport=_taking(seen, {"candidates": []}))
    options = genai.types.HttpOptions(httpx_client=http)
    return genai.Client(api_key="k", vertexai=False, http_options=options), seen


@cache
def _bedrock_model() -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model("bedrock-runtime")


def _camel(value: Json) -> Json:
    if isinstance(value, dict):
        return {re.sub("_([a-z])", lambda m: m[1].upper(), key): _camel(item) for key, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value
