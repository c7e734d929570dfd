"""From sources by name to entries by digest: Catalog in, Bundle out.

After this nothing is looked up any more: partials are in place, variants are whole, references are pinned.
It must never repair: a catalog that lint refuses is refused here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.authoring.catalog import Catalog
from registry.authoring.extending import ExtendError, Extending
from registry.authoring.includes import IncludeError, expand
from registry.authoring.pinning import pinned_set, troubles
from registry.authoring.sources.prompt import (
    Content,
    FileText,
    MessageSource,
    PlaceholderSource,
    PromptSource,
)
from registry.errors import NotClean
from serve.core.bundle import assemble, entry_digest
from serve.core.digest import sha256
from serve.core.inputs import with_marker
from serve.core.model import (
    Bundle,
    GuardrailSet,
    Item,
    Message,
    Part,
    Placeholder,
    Prompt,
    Reference,
    Variant,
)

WORKING_COPY = "working-copy"


def resolve(
    catalog: Catalog,
    *,
    release: int = 0,
    commit: str | None = None,
    created: str | None = None,
    evidence_sha256: str | None = None,
) -> Bundle:
    """The bundle of a catalog; commit and time are the tree's own unless given.

    Raises:
        NotClean: REF001, TPL003, GRD003, GRD022, GRD031 or GRD032 where lint finds the same with its place.
        BundleRefused: GRD001 or GRD002 for a guardrail rule that the run time could not use.
    """
    pinned: dict[str, dict[str, Any]] = {
        "model": {name: source.resolved(name) for name, source in catalog.models.items()},
        "guardrail": _guardrails(catalog),
        "tool": {name: source.resolved(name) for name, source in catalog.tools.items()},
    }
    resolver = _Resolver(catalog, pinned)
    return assemble(
        release=release,
        commit=commit or catalog.tree.commit or WORKING_COPY,
        created=created or catalog.tree.committed_at or "1970-01-01T00:00:00Z",
        prompts={name: resolver.prompt(name, source) for name, source in catalog.prompts.items()},
        models=pinned["model"],
        guardrails=pinned["guardrail"],
        tools=pinned["tool"],
        evidence_sha256=evidence_sha256,
    )


def _guardrails(catalog: Catalog) -> dict[str, GuardrailSet]:
    """Every set as one flat list: what it extends in place, overrides applied, models pinned."""
    sets = Extending(catalog.guardrails)
    try:
        flat = {name: sets.flat(name) for name in catalog.guardrails}
    except ExtendError as error:
        raise NotClean(error.code, error.what, error.advice) from error
    for bad in (each for one in flat.values() for each in troubles(one, catalog.models)):
        raise NotClean(bad.code, bad.what, bad.advice)
    return {name: pinned_set(one, catalog.models) for name, one in flat.items()}


class _Resolver:
    def __init__(self, catalog: Catalog, pinned: Mapping[str, Mapping[str, Any]]) -> None:
        self._catalog = catalog
        self._pinned = pinned
        self._digests: dict[tuple[str, str], str] = {}

    def prompt(self, name: str, source: PromptSource) -> Prompt:
        includes: dict[str, str] = {}
        items = tuple(self._item(name, item, includes) for item in source.messages)
        return Prompt(
            id=name,
            model=self._reference(name, "model", source.model),
            messages=items,
            description=source.description,
            owner=source.owner,
            parameters=source.model_parameters,
            inputs=with_marker(name, source.inputs),
            output=source.output,
            guardrails=tuple(self._reference(name, "guardrail", ref) for ref in source.guardrails),
            tools=tuple(self._reference(name, "tool", ref) for ref in source.tools),
            variants={key: self._variant(name, source, key, items, includes) for key in source.variants},
            includes=includes,
            budget=source.budget,
            knowledge=source.knowledge,
        )

    def _variant(
        self, name: str, source: PromptSource, key: str, items: tuple[Item, ...], includes: dict[str, str]
    ) -> Variant:
        written = source.variants[key]
        return Variant(
            model=self._reference(name, "model", written.model or source.model),
            parameters={**source.model_parameters, **written.model_parameters},
            messages=tuple(self._overridden(name, item, written.messages, includes) for item in items),
        )

    def _overridden(
        self, name: str, item: Item, messages: Mapping[str, Content], includes: dict[str, str]
    ) -> Item:
        if isinstance(item, Placeholder) or item.id is None or item.id not in messages:
            return item
        return Message(item.role, self._parts(name, messages[item.id], includes), item.id)

    def _item(self, name: str, item: MessageSource | PlaceholderSource, includes: dict[str, str]) -> Item:
        if isinstance(item, PlaceholderSource):
            return Placeholder(item.history)
        return Message(item.role, self._parts(name, item.content, includes), item.id)

    def _parts(self, name: str, content: Content, includes: dict[str, str]) -> tuple[Part, ...]:
        if isinstance(content, str):
            return (Part(self._expanded(name, content, includes)),)
        if isinstance(content, FileText):
            text = self._read(name, content.file)
            includes[content.file] = sha256(text.encode())
            return (Part(self._expanded(name, text, includes)),)
        return tuple(
            Part(self._expanded(name, part.template, includes), part.kind, part.media_type)
            for part in content
        )

    def _expanded(self, name: str, source: str, includes: dict[str, str]) -> str:
        try:
            text, partials = expand(source, self._catalog.text)
        except IncludeError as error:
            raise NotClean("TPL003", f"prompt {name}: {error}", "Run promptyard lint.") from error
        includes.update({partial: sha256(body.encode()) for partial, body in partials.items()})
        return text

    def _read(self, name: str, file: str) -> str:
        try:
            return self._catalog.text(file)
        except FileNotFoundError as error:
            raise NotClean("REF001", f"prompt {name}: no file {file}", "Run promptyard lint.") from error

    def _reference(self, name: str, kind: str, wanted: str) -> Reference:
        entry = self._pinned[kind].get(wanted)
        if entry is None:
            raise NotClean("REF001", f"prompt {name}: no {kind} {wanted}", "Run promptyard lint.")
        if (kind, wanted) not in self._digests:
            self._digests[kind, wanted] = entry_digest(entry)
        return Reference(wanted, self._digests[kind, wanted])
