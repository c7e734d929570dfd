"""A model, guardrail set, tool or partial that no prompt uses is carried along, read and kept up for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from registry.authoring.kinds import kind_of
from registry.authoring.links import Names
from registry.diagnostics import Diagnostic, Place
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "REF002"
TITLE = "Entry that nothing uses"
LESSON = Lesson(
    "info",
    "# models/large.model.yaml\nengine: openai\nmodel: gpt-large\n",
    "# models/large.model.yaml\nengine: openai\nmodel: gpt-large\n# answer.prompt.yaml\nmodel: models/large\n"
    "# models/chat.model.yaml\nengine: openai\nmodel: gpt-test\nfallbacks: [models/large]\n"
    "# other.prompt.yaml\npromptyard: 1\nmodel: models/chat\nmessages: [{role: user, content: Hello.}]\n",
)
_KINDS = ("model", "guardrail", "tool")
_TEXTS = (".md", ".txt", ".j2")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each entry that no other file names, and each text in a folder ``partials``."""
    catalog = subject.catalog
    paths = catalog.tree.paths(catalog.settings.content)
    names = Names(catalog.settings.content, paths)
    yield from unused(
        paths, {path: names.linked(path, catalog.tree.read(path)) for path in paths if may_use(path)}
    )


def may_use(path: str) -> bool:
    """True for files that can name entries; rows of data and weights cannot."""
    return path.endswith((".yaml", ".yml", *_TEXTS))


def unused(paths: Iterable[str], links: Mapping[str, Iterable[str]]) -> Iterator[Diagnostic]:
    """The findings for some files, by what each of them names; a word that could be a name counts as one."""
    used = {other for named in links.values() for other in named}
    for path in paths:
        kind = kind_of(path)
        noun = kind.name if kind is not None and kind.name in _KINDS else ""
        if "/partials/" in f"/{path}" and path.endswith(_TEXTS):
            noun = "partial"
        if noun and path not in used:
            message = f"No prompt uses this {noun}."
            yield Diagnostic(CODE, "info", Place(path), message, "Name it in a prompt, or remove the file.")
