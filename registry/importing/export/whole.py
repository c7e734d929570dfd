"""A prompt as another tool has to hold it: partials in place, its model by name, its tools spelled out.

It must never render, and never leave something of the prompt out: the writers decide what they can hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from registry.authoring.catalog import Catalog
from registry.authoring.includes import IncludeError, expand
from registry.authoring.sources.model import ModelSource
from registry.authoring.sources.prompt import (
    Content,
    FileText,
    MessageSource,
    PlaceholderSource,
    PromptSource,
)
from registry.authoring.sources.tool import ToolSource
from registry.errors import NotClean, Usage
from serve.core.inputs import with_marker
from serve.core.model import Json, PartKind, Role


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a message: its kind, and a template with all partials in place."""

    kind: PartKind
    template: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, or the place of a conversation where ``history`` names it."""

    role: Role
    pieces: tuple[Piece, ...] = ()
    id: str | None = None
    history: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A prompt, or one variant of it, with everything that it refers to.

    ``left`` holds what belongs to the prompt in this registry alone, by its key.
    """

    id: str
    variant: str | None
    source: PromptSource
    model: ModelSource
    parameters: Mapping[str, Json]
    turns: tuple[Turn, ...]
    tools: Mapping[str, ToolSource]
    suites: tuple[str, ...] = ()


def wholes_of(catalog: Catalog, prompt: str) -> tuple[Whole, ...]:
    """The prompt, and after it each of its variants.

    Raises:
        Usage: PRM001 when there is no such prompt.
        NotClean: REF001 or TPL003 when it names what is not there.
    """
    source = catalog.prompts.get(prompt)
    if source is None:
        raise Usage("PRM001", f"there is no prompt {prompt}", "promptyard list shows all.")
    source = replace(source, inputs=with_marker(prompt, source.inputs))  # nobody else fills a canary in
    return tuple(_whole(catalog, prompt, source, variant) for variant in (None, *source.variants))


def _whole(catalog: Catalog, prompt: str, source: PromptSource, variant: str | None) -> Whole:
    arm = source.variants[variant] if variant is not None else None
    own: Mapping[str, Content] = arm.messages if arm else {}
    name = (arm.model if arm else None) or source.model
    model = catalog.models.get(name)
    missing = [tool for tool in source.tools if tool not in catalog.tools]
    if model is None or missing:
        what = f"prompt {prompt}: no {f'model {name}' if model is None else f'tool {missing[0]}'}"
        raise NotClean("REF001", what, "Run promptyard lint.")
    return Whole(
        prompt,
        variant,
        source,
        model,
        {**model.parameters, **source.model_parameters, **(arm.model_parameters if arm else {})},
        tuple(_turn(catalog, prompt, item, own) for item in source.messages),
        {tool: catalog.tools[tool] for tool in source.tools},
        tuple(_suites(catalog, prompt)),
    )


def _suites(catalog: Catalog, prompt: str) -> list[str]:
    documents = catalog.documents["suite"].items()
    return [name for name, it in documents if isinstance(it.data, dict) and it.data.get("prompt") == prompt]


def _turn(
    catalog: Catalog, prompt: str, item: MessageSource | PlaceholderSource, own: Mapping[str, Content]
) -> Turn:
    if isinstance(item, PlaceholderSource):
        return Turn("user", history=item.history)
    content = own[item.id] if item.id is not None and item.id in own else item.content
    if isinstance(content, str):
        pieces = [Piece("text", content)]
    elif isinstance(content, FileText):
        pieces = [Piece("text", _read(catalog, prompt, content.file))]
    else:
        pieces = [Piece(part.kind, part.template) for part in content]
    placed = tuple(Piece(piece.kind, _expanded(catalog, prompt, piece.template)) for piece in pieces)
    return Turn(item.role, placed, item.id)


def _read(catalog: Catalog, prompt: str, file: str) -> str:
    try:
        return catalog.text(file)
    except FileNotFoundError as error:
        raise NotClean("REF001", f"prompt {prompt}: no file {file}", "Run promptyard lint.") from error


def _expanded(catalog: Catalog, prompt: str, template: str) -> str:
    try:
        return expand(template, catalog.text)[0]
    except IncludeError as error:
        raise NotClean("TPL003", f"prompt {prompt}: {error}", "Run promptyard lint.") from error
