"""Small bundles for tests, built with the real assembler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serve.core.bundle import assemble, entry_digest
from serve.core.model import (
    Bundle,
    Item,
    Message,
    ModelConfig,
    Output,
    Part,
    Probe,
    Prompt,
    Reference,
    Tool,
    Variant,
)

MODEL = ModelConfig(id="models/chat", engine="openai", model="gpt-test", parameters={"maxTokens": 50})
TOOL = Tool("tools/lookup", "lookup", "Looks an account up.", {"type": "object", "properties": {}})


def text(role: Any, template: str, name: str | None = None) -> Message:
    return Message(role, (Part(template),), name)


def prompt(
    *items: Item,
    name: str = "support/hello",
    inputs: Mapping[str, Any] | None = None,
    model: ModelConfig = MODEL,
    variants: Mapping[str, tuple[Item, ...]] | None = None,
    **more: Any,
) -> Prompt:
    ref = Reference(model.id, entry_digest(model))
    return Prompt(
        id=name,
        model=ref,
        messages=items or (text("user", "Hello {{ name }}"),),
        inputs={"name": {"type": "string", "maxLength": 40}} if inputs is None else inputs,
        variants={key: Variant(ref, {}, messages) for key, messages in (variants or {}).items()},
        **more,
    )


def bundle(*prompts: Prompt, release: int = 1, probes: tuple[Probe, ...] = (), **more: Any) -> Bundle:
    return assemble(
        release=release,
        commit="c" * 40,
        created="2026-11-01T00:00:00Z",
        prompts={p.id: p for p in prompts or (prompt(),)},
        models={MODEL.id: MODEL},
        tools={TOOL.id: TOOL},
        probes=probes,
        **more,
    )


def tool_reference() -> Reference:
    return Reference(TOOL.id, entry_digest(TOOL))


OUTPUT = Output({"type": "object", "additionalProperties": False, "properties": {}}, "answer")
