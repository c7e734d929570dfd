"""Conversations with everything that a provider may be asked to take, for tests of request bodies."""

from __future__ import annotations

from typing import Any

from support.bundles import OUTPUT, TOOL

from serve.core.model import (
    CallingMessage,
    ChatMessage,
    ContentPart,
    ModelConfig,
    Output,
    ToolCall,
    ToolMessage,
)
from serve.core.payloads import Call

PNG = "data:image/png;base64,aGk="
PDF = "data:application/pdf;base64,aGk="
SYSTEM = ChatMessage("system", "Be kind.")
TALK = (SYSTEM, ChatMessage("user", "hi"), ChatMessage("assistant", "yes?"), ChatMessage("user", "bye"))
TOOLS = (
    SYSTEM,
    ChatMessage("user", "Where is it?"),
    CallingMessage(
        "assistant", "Wait.", (ToolCall("c1", "lookup", {"ref": "é"}), ToolCall("c2", "lookup", {}))
    ),
    ToolMessage("tool", '{"state": "sent"}', "c1"),
    ToolMessage("tool", "none", "c2"),
    ChatMessage("user", "And now?"),
    CallingMessage("assistant", "", (ToolCall("c3", "lookup", {}),)),
    ToolMessage("tool", "none", "c3"),
)


def call(
    messages: tuple[ChatMessage, ...] = TALK,
    *,
    engine: Any = "openai",
    output: Output | None = OUTPUT,
    **given: Any,
) -> Call:
    model = ModelConfig(id="models/m", engine=engine, model="m-1")
    return Call(messages, model, given or {"maxTokens": 9}, output, (TOOL,))


def said(*parts: ContentPart, role: Any = "user") -> tuple[ChatMessage, ...]:
    return (
        (ChatMessage(role, parts),)
        if role == "user"
        else (ChatMessage("user", "hi"), ChatMessage(role, parts))
    )


def image(url: str, media_type: str | None = None) -> ContentPart:
    return ContentPart(url, "image", media_type)


def file(url: str, media_type: str | None = None) -> ContentPart:
    return ContentPart(url, "file", media_type)
