"""Messages to the text a model was trained on, with the contents kept apart from the template's own words.

The template is rendered once per shape with a placeholder for each content, so a content can never be read
as a marker. It must never look into a content, nor run a template outside the sandbox.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from serve.core.model import CallingMessage, ChatMessage, Json, Tool, ToolMessage

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

# Private-use characters make a slot that no template writes; the em space on both sides tells whether a
# template trims, because Python's strip() takes it away too.
_PAD = "\u2003"
_SLOT = re.compile(f"({_PAD}?)\ue000(\\d+)\ue001({_PAD}?)")
# A fixed day: prompts must not change overnight (it is the default of Llama 3.1's own template).
_TODAY = dt.datetime(2024, 7, 26, tzinfo=dt.UTC)


class TemplateProblem(ValueError):
    """A conversation that the model's chat template cannot say; the message is one clause."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the prompt's text. ``trusted`` pieces are the template's own; markers in others are text."""

    text: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class _Slot:
    index: int
    trim_left: bool
    trim_right: bool

    def fill(self, texts: Sequence[str]) -> str:
        text = texts[self.index]
        text = text.lstrip() if self.trim_left else text
        return text.rstrip() if self.trim_right else text


class ChatTemplate:
    """A model's chat template (Jinja2 source), or plain paragraphs when the model has none."""

    def __init__(self, source: str | None, special_tokens: Mapping[str, str] | None = None) -> None:
        self._tokens = dict(special_tokens or {})
        self._template = None if source is None else _environment().from_string(source)
        self._skeleton = lru_cache(maxsize=4096)(self._render)

    @property
    def plain(self) -> bool:
        """True when there is no template and contents are joined as paragraphs."""
        return self._template is None

    def segments(self, messages: Sequence[ChatMessage], tools: Sequence[Tool] = ()) -> tuple[Segment, ...]:
        """The prompt's text in pieces, up to the place where the model shall answer.

        Raises:
            TemplateProblem: when the template refuses or leaves a message out, or a part is not text.
        """
        texts = [_text(message) for message in messages]
        if self._template is None:
            return (Segment("\n\n".join(texts), trusted=False),)
        shape = tuple((message.role, bool(text)) for message, text in zip(messages, texts, strict=True))
        declared = json.dumps([_function(tool) for tool in tools]) if tools else ""
        pieces = self._skeleton(self._template, shape, declared)
        return tuple(
            Segment(piece, trusted=True)
            if isinstance(piece, str)
            else Segment(piece.fill(texts), trusted=False)
            for piece in pieces
        )

    def _render(
        self, template: Template, shape: tuple[tuple[str, bool], ...], tools: str
    ) -> tuple[str | _Slot, ...]:
        from jinja2 import TemplateError

        messages = [
            {"role": role, "content": f"{_PAD}\ue000{index}\ue001{_PAD}" if filled else ""}
            for index, (role, filled) in enumerate(shape)
        ]
        declared = json.loads(tools) if tools else None
        try:
            text = template.render(
                messages=messages, tools=declared, add_generation_prompt=True, **self._tokens
            )
        except (TemplateError, TypeError, ValueError) as error:
            raise TemplateProblem(f"the model's chat template refuses these messages: {error}") from error
        pieces = tuple(_split(text))
        shown = {piece.index for piece in pieces if isinstance(piece, _Slot)}
        for index, (role, filled) in enumerate(shape):
            if filled and index not in shown:
                raise TemplateProblem(f"the model's chat template leaves out message {index + 1} ({role})")
        return pieces


def read_chat_template(folder: Path) -> ChatTemplate:
    """The chat template of a model folder: ``chat_template.jinja``, or the one in ``tokenizer_config.json``.

    Raises:
        ValueError: when either file cannot be read as what it is.
    """
    from jinja2 import TemplateError  # 25 ms that a service without such a model need not pay

    config = read_json(folder / "tokenizer_config.json")
    beside = folder / "chat_template.jinja"
    source: Any = beside.read_text("utf-8") if beside.is_file() else config.get("chat_template")
    if isinstance(source, list):
        source = {entry["name"]: entry["template"] for entry in source}.get("default")
    names = ("bos_token", "eos_token", "unk_token", "pad_token")
    tokens = {name: token_text(config[name]) for name in names if config.get(name)}
    try:
        return ChatTemplate(source, tokens)
    except TemplateError as error:
        raise ValueError(f"the chat template is broken: {error}") from error


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty when the file is missing; raises ValueError when it is not JSON."""
    if not path.is_file():
        return {}
    data = json.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError(f"{path.name} is not a JSON object")  # noqa: TRY004  # broken data, not a wrong call
    return data


def token_text(token: Any) -> str:
    """The text of a token as tokenizer configs write it: a string, or an object with ``content``."""
    return str(token["content"]) if isinstance(token, dict) else str(token)


def _text(message: ChatMessage) -> str:
    if isinstance(message, (CallingMessage, ToolMessage)):
        raise TemplateProblem("a local model takes no calls of tools in a history")
    if not isinstance(message.content, str):
        for part in message.content:
            if part.kind != "text":
                raise TemplateProblem(f"a local model takes text only, not a part of kind {part.kind}")
    return message.text


def _function(tool: Tool) -> Json:
    described = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": described}


def _split(text: str) -> list[str | _Slot]:
    pieces: list[str | _Slot] = []
    position = 0
    for match in _SLOT.finditer(text):
        if match.start() > position:
            pieces.append(text[position : match.start()])
        pieces.append(_Slot(int(match[2]), not match[1], not match[3]))
        position = match.end()
    return [*pieces, text[position:]] if position < len(text) else pieces


def _refuse(message: str) -> NoReturn:
    from jinja2 import TemplateError

    raise TemplateError(message)


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    made.filters["tojson"] = _to_json
    made.globals |= {"raise_exception": _refuse, "strftime_now": _TODAY.strftime}
    return made
