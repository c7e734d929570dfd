"""What every request body is made of, and what several providers demand alike.

It must never drop or change what was rendered: what a provider cannot take is an error that names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from serve.core.errors import Usage
from serve.core.model import (
    CallingMessage,
    ChatMessage,
    ContentPart,
    Json,
    ModelConfig,
    Output,
    Tool,
    ToolMessage,
)

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """All that a request body is made of."""

    messages: Sequence[ChatMessage]
    model: ModelConfig
    parameters: Mapping[str, Json] = field(default_factory=dict)
    output: Output | None = None
    tools: Sequence[Tool] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """Messages that follow one another and count as one for the provider; ``role`` is user or assistant."""

    role: str
    messages: tuple[ChatMessage, ...]


def named_parameters(call: Call, names: Names, provider: str) -> dict[str, Json]:
    """The call's parameters under a provider's own names.

    Raises:
        Usage: PAY001 for a parameter that the provider does not have.
    """
    for name in call.parameters:
        if name not in names:
            what = f"{provider} has no parameter {name} (model {call.model.id})"
            raise Usage("PAY001", what, f"Known are: {', '.join(sorted(names))}.")
    return {names[name]: value for name, value in call.parameters.items()}


def limit_temperature(call: Call, provider: str) -> None:
    """Let pass only a temperature up to 1; raises Usage (PAY008)."""
    temperature = call.parameters.get("temperature")
    if isinstance(temperature, (int, float)) and temperature > 1:
        what = f"{provider} takes a temperature from 0 to 1 (model {call.model.id})"
        raise Usage("PAY008", what, "Lower it in the model file or in the prompt's modelParameters.")


def text_only(messages: Sequence[ChatMessage], provider: str) -> None:
    """Let pass only conversations whose images and files are the user's; raises Usage (PAY002)."""
    for message in messages:
        if message.role != "user" and not isinstance(message.content, str):
            odd = next((part.kind for part in message.content if part.kind != "text"), None)
            if odd is not None:
                what = f"{provider} takes no part of kind {odd} in a {message.role} message"
                raise Usage("PAY002", what, "Move it into a user message.")


def split_system(call: Call, provider: str) -> tuple[Sequence[ChatMessage], Sequence[ChatMessage]]:
    """The system messages at the start that say anything, and the rest.

    Raises:
        Usage: PAY002 for a system message after others, PAY004 for an empty message in the rest, PAY005 where
            the rest does not begin with the user.
    """
    messages = call.messages
    lead = next((i for i, m in enumerate(messages) if m.role != "system"), len(messages))
    rest = messages[lead:]
    if any(message.role == "system" for message in rest):
        what = f"{provider} takes no system message at that place"
        raise Usage("PAY002", what, "Put system messages first.")
    if not rest or rest[0].role != "user":
        what = f"{provider} wants the user to speak first after the system messages"
        raise Usage("PAY005", what, "Begin the conversation with a user message.")
    for place, message in enumerate(rest, lead + 1):
        if _is_empty(message):
            what = f"message {place} ({message.role}) is empty, which {provider} refuses"
            raise Usage("PAY004", what, "Give it text, or leave it out of the prompt or the history.")
    return [message for message in messages[:lead] if not _is_empty(message)], rest


def turns(messages: Sequence[ChatMessage]) -> Iterator[Turn]:
    """Messages joined so that user and assistant alternate; what a tool answers is the user's turn."""
    for role, group in groupby(messages, lambda m: "assistant" if m.role == "assistant" else "user"):
        yield Turn(role, tuple(group))


def parts_of(message: ChatMessage) -> Sequence[ContentPart]:
    """A message's parts; plain text is one of them, text that says nothing is none: it would be refused."""
    parts = (ContentPart(message.content),) if isinstance(message.content, str) else message.content
    return [part for part in parts if part.kind != "text" or part.text.strip()]


def require_tools(call: Call, provider: str) -> None:
    """Let calls of tools pass only where the prompt declares tools; raises Usage (PAY002)."""
    speaks = any(isinstance(message, (CallingMessage, ToolMessage)) for message in call.messages)
    if speaks and not call.tools:
        what = f"{provider} takes a history with calls of tools only where the prompt declares tools"
        raise Usage("PAY002", what, "Name them under tools in the prompt, or leave them out of the history.")


def _is_empty(message: ChatMessage) -> bool:
    if isinstance(message, (CallingMessage, ToolMessage)):
        return False
    if isinstance(message.content, str):
        return not message.content.strip()
    return not any(part.text.strip() for part in message.content)
