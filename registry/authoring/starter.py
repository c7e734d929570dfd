"""Some prompts of a catalog with every file that they need: a walk over references.

It must never take a file that nothing asked for.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from registry.authoring.catalog import Catalog
from registry.authoring.extending import all_named
from registry.authoring.includes import IncludeError, expand
from registry.authoring.parse import Document
from registry.authoring.sources.prompt import Content, FileText, MessageSource, PromptSource


def files_of(catalog: Catalog, prompts: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of prompts and of their suites, partials, models, weights, guardrails and tools, sorted."""
    paths: set[str] = set()
    for name in prompts:
        source = catalog.prompts[name]
        paths.add(catalog.documents["prompt"][name].path)
        paths.update(f"{catalog.settings.content}/{file}" for file in _texts(catalog, source))
        paths.update(_referred(catalog, source))
        paths.update(_suites(catalog, name))
    return tuple(sorted(paths))


def _referred(catalog: Catalog, source: PromptSource) -> Iterator[str]:
    sets = all_named(catalog.guardrails, source.guardrails)
    for kind, names in (("guardrail", sets), ("tool", source.tools)):
        yield from (catalog.documents[kind][name].path for name in names if name in catalog.documents[kind])
    waiting = [source.model, *(variant.model for variant in source.variants.values() if variant.model)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in catalog.models:
            seen.add(name)
            waiting += catalog.models[name].fallbacks
            yield from _model(catalog, name)


def _model(catalog: Catalog, name: str) -> Iterator[str]:
    document = catalog.documents["model"][name]
    yield document.path
    weights = catalog.models[name].weights
    if weights is not None and weights.path:
        yield from catalog.tree.paths(_beside(document, weights.path))


def _suites(catalog: Catalog, prompt: str) -> Iterator[str]:
    for document in catalog.documents["suite"].values():
        if isinstance(document.data, dict) and document.data.get("prompt") == prompt:
            yield document.path
            for dataset in document.data.get("datasets") or ():
                yield _beside(document, str(dataset["file"]))


def _beside(document: Document, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(document.path), name))


def _texts(catalog: Catalog, source: PromptSource) -> Iterator[str]:
    contents: list[Content] = [item.content for item in source.messages if isinstance(item, MessageSource)]
    for variant in source.variants.values():
        contents += variant.messages.values()
    for content in contents:
        if isinstance(content, FileText):
            yield content.file
            yield from _partials(catalog, catalog.text(content.file))
        elif isinstance(content, str):
            yield from _partials(catalog, content)
        else:
            for part in content:
                yield from _partials(catalog, part.template)


def _partials(catalog: Catalog, text: str) -> Iterator[str]:
    try:
        yield from expand(text, catalog.text)[1]
    except IncludeError:
        return  # lint names it in the new registry, with its place
