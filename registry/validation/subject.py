"""What every lint looks at: the catalog, the day, and each template expanded and examined once.

It must never judge; a lint does that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from registry.authoring.catalog import Catalog
from registry.authoring.includes import Expanded, IncludeError, trace
from registry.authoring.parse import Document, Steps, rows_of
from registry.authoring.sources.prompt import Content, FileText, MessageSource, PromptSource
from registry.diagnostics import Place
from registry.validation.template_policy import Examination, examine
from serve.core.guard.checks.asked import Models
from serve.core.model import Role


@dataclass(frozen=True, slots=True)
class Site:
    """Where a template is written: ``arm`` is the variant or empty, ``file`` holds its prose."""

    prompt: str
    arm: str
    document: Document
    steps: Steps
    role: Role
    trusted: bool
    file: str | None = None

    @property
    def place(self) -> Place:
        """The place of its key."""
        return self.document.place(*self.steps)


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its partials in place, and what an examination found."""

    site: Site
    source: str
    content: str
    expanded: Expanded
    examination: Examination

    def place(self, line: int, word: str = "") -> Place:
        """Where a line of the expanded text was written, at a word when that stands in it."""
        origin = self.expanded.origin(line)
        file = origin.file or self.site.file
        if file is None:
            place, text = (
                self.site.document.place_in_text(self.site.steps, origin.line),
                self.site.document.source,
            )
        else:
            text = self.expanded.partials[origin.file] if origin.file else self.source
            place = Place(f"{self.content}/{file}", origin.line)
        return _at_word(place, text, word)


@dataclass(frozen=True, slots=True)
class BrokenTemplate:
    """A template with an include that cannot be put in place, or whose prose is not there (None)."""

    site: Site
    source: str
    content: str
    error: IncludeError | None

    @property
    def place(self) -> Place:
        """The place of the include, or of the key that names the file."""
        if self.error is None:
            return self.site.place
        file = self.error.file or self.site.file
        if file is not None:
            return Place(f"{self.content}/{file}", self.error.line)
        place = self.site.document.place_in_text(self.site.steps, self.error.line)
        return _at_word(place, self.site.document.source, self.error.name)


@dataclass(frozen=True, slots=True)
class Subject:
    """A catalog on a day, with all templates that can be read. ``suites`` names each suite's prompt.

    ``models`` opens what guardrail rules ask; None where there is nothing to open it with.
    """

    catalog: Catalog
    today: date | None
    templates: tuple[Template, ...]
    broken: tuple[BrokenTemplate, ...]
    suites: Mapping[str, str]
    by_prompt: Mapping[str, tuple[Template, ...]]
    models: Models | None = None

    def document(self, kind: str, entry_id: str) -> Document:
        """The document of a source."""
        return self.catalog.documents[kind][entry_id]

    def of(self, prompt: str) -> tuple[Template, ...]:
        """All templates of a prompt, its variants' too."""
        return self.by_prompt.get(prompt, ())

    def whole(self, prompt: str) -> bool:
        """True when every template of a prompt could be read."""
        return bool(self.of(prompt)) and not any(broken.site.prompt == prompt for broken in self.broken)


def subject_of(
    catalog: Catalog, today: date | None, ill_formed: Collection[str] = (), models: Models | None = None
) -> Subject:
    """The subject of a catalog; prompts in ``ill_formed`` files have no templates."""
    templates: list[Template] = []
    broken: list[BrokenTemplate] = []
    for name, prompt in catalog.prompts.items():
        document = catalog.documents["prompt"][name]
        if document.path in ill_formed:
            continue
        for site, source in _sites(name, prompt, document):
            _examine(catalog, prompt, site, source, templates, broken)
    grouped = {name: tuple(each) for name, each in groupby(templates, key=lambda each: each.site.prompt)}
    return Subject(catalog, today, tuple(templates), tuple(broken), _suites(catalog), grouped, models)


def _examine(
    catalog: Catalog,
    prompt: PromptSource,
    site: Site,
    written: str,
    templates: list[Template],
    broken: list[BrokenTemplate],
) -> None:
    content = catalog.settings.content
    try:
        source = catalog.text(site.file) if site.file else written
        expanded = trace(source, catalog.text)
    except IncludeError as error:
        broken.append(BrokenTemplate(site, written, content, error))
    except FileNotFoundError:
        broken.append(BrokenTemplate(site, written, content, None))
    else:
        templates.append(Template(site, source, content, expanded, examine(expanded.text, prompt.inputs)))


def _sites(name: str, prompt: PromptSource, document: Document) -> Iterator[tuple[Site, str]]:
    messages: dict[str, MessageSource] = {}
    for index, item in enumerate(prompt.messages):
        if isinstance(item, MessageSource):
            messages[item.id or ""] = item
            site = Site(name, "", document, ("messages", index, "content"), item.role, _is_trusted(item))
            yield from _contents(site, item.content)
    for arm, variant in prompt.variants.items():
        for key, content in variant.messages.items():
            replaced = messages.get(key)
            role: Role = replaced.role if replaced else "user"
            steps: Steps = ("variants", arm, "messages", key)
            yield from _contents(Site(name, arm, document, steps, role, _is_trusted(replaced)), content)


def _is_trusted(message: MessageSource | None) -> bool:
    return message is None or message.role != "system" or message.allow_untrusted is not None


def _contents(site: Site, content: Content) -> Iterator[tuple[Site, str]]:
    if isinstance(content, str):
        yield site, content
    elif isinstance(content, FileText):
        yield _below(site, "file", file=content.file), content.file
    else:
        for index, part in enumerate(content):
            yield _below(site, index, part.kind), part.template


def _below(site: Site, *steps: str | int, file: str | None = None) -> Site:
    return Site(site.prompt, site.arm, site.document, (*site.steps, *steps), site.role, site.trusted, file)


def _suites(catalog: Catalog) -> Mapping[str, str]:
    written = {name: document.data for name, document in catalog.documents["suite"].items()}
    named = {name: data.get("prompt") for name, data in written.items() if isinstance(data, dict)}
    return {name: prompt for name, prompt in named.items() if isinstance(prompt, str)}


def _at_word(place: Place, text: str, word: str) -> Place:
    rows = rows_of(text)
    row = rows[place.line - 1] if place.line <= len(rows) else ""
    start = max(place.column, len(row) - len(row.lstrip()) + 1)
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", row[start - 1 :]) if word else None
    return Place(place.path, place.line, start + (found.start() if found else 0))
