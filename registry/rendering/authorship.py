"""Who wrote what a prompt says: each message, line by line, with the lines of its partials.

A line is attributed where it was written, so a partial's line names the partial.
It must never guess: a line that Git does not know yet is told as not committed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.authoring.catalog import Catalog
from registry.authoring.history import BlamedLine, Commit
from registry.authoring.includes import IncludeError, Origin, trace
from registry.authoring.parse import Document, Steps
from registry.authoring.sources.prompt import Content, FileText, MessageSource

Blame = Callable[[str], Sequence[BlamedLine]]
Newest = Callable[[Collection[Commit]], Commit]


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of a template with partials in place, where it stands, and the commit that wrote it.

    ``commit`` is None while the line is not committed.
    """

    text: str
    path: str
    line: int
    commit: Commit | None


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """A message by the name a reader knows, its lines, and the commit that touched it last, None uncommitted."""

    name: str
    lines: tuple[WrittenLine, ...]
    commit: Commit | None

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that its lines stand in, its own first."""
        return tuple(dict.fromkeys(line.path for line in self.lines))


def authorship(catalog: Catalog, prompt: str, blame: Blame, newest: Newest) -> tuple[WrittenMessage, ...]:
    """The messages of a prompt, and of its variants, with the author of every line.

    Args:
        catalog: holds the prompt and reads its partials.
        prompt: its id.
        blame: the lines of a file by its path; raises FileNotFoundError for one that Git does not know.
        newest: the last of some commits; dates alone do not tell, since a second may see two.
    """
    author = _Author(catalog, catalog.documents["prompt"][prompt], blame)
    return tuple(_message(name, tuple(lines), newest) for name, lines in author.messages(prompt))


def _message(name: str, lines: tuple[WrittenLine, ...], newest: Newest) -> WrittenMessage:
    commits = [line.commit for line in lines if line.commit is not None]
    committed = commits and len(commits) == len(lines)
    return WrittenMessage(name, lines, newest(commits) if committed else None)


@dataclass(slots=True)
class _Author:
    catalog: Catalog
    document: Document
    blame: Blame
    _blamed: dict[str, Mapping[int, Commit | None]] = field(default_factory=dict)

    def messages(self, prompt: str) -> Iterator[tuple[str, list[WrittenLine]]]:
        source = self.catalog.prompts[prompt]
        for index, item in enumerate(source.messages):
            here: Steps = ("messages", index)
            if isinstance(item, MessageSource):
                steps = (*here, "content")
                lines = [*self._head(here), *self._content(item.content, steps)]
                yield item.id or f"{index + 1} {item.role}", lines
            else:
                yield f"{index + 1} history", list(self._head(here))
        for variant, arm in source.variants.items():
            for name, content in arm.messages.items():
                here = ("variants", variant, "messages", name)
                yield f"{name} (variant {variant})", list(self._content(content, here))

    def _head(self, steps: Steps) -> Iterator[WrittenLine]:
        """The lines that say what the message is: its id, its role, its reason to take strangers' words."""
        rows = self.document.source.split("\n")
        numbers = {
            mark.line
            for key, mark in self.document.marks.items()
            if key[:-1] == steps and key[-1] != "content"
        }
        for number in sorted(numbers):
            yield self._line(self.document.path, number, rows[number - 1].strip())

    def _content(self, content: Content, steps: Steps) -> Iterator[WrittenLine]:
        if isinstance(content, FileText):
            path = f"{self.catalog.settings.content}/{content.file}"
            yield from self._text(self._read(content.file), lambda line: (path, line))
        elif isinstance(content, str):
            yield from self._text(content, lambda line: self._place(steps, line))
        else:
            for index, part in enumerate(content):
                here = (*steps, index, part.kind)
                yield from self._text(part.template, lambda line, here=here: self._place(here, line))  # type: ignore[misc]

    def _text(self, template: str, place: Callable[[int], tuple[str, int]]) -> Iterator[WrittenLine]:
        try:
            whole = trace(template, self.catalog.text)
        except IncludeError:
            whole = trace("", self.catalog.text)
        text = whole.text or template
        for number, row in enumerate(text.removesuffix("\n").split("\n"), 1):
            origin = whole.origin(number) if whole.text else Origin(None, number)
            if origin.file is None:
                path, line = place(origin.line)
            else:
                path, line = f"{self.catalog.settings.content}/{origin.file}", origin.line
            yield self._line(path, line, row)

    def _place(self, steps: Steps, line: int) -> tuple[str, int]:
        return self.document.path, self.document.place_in_text(steps, line).line or 1

    def _line(self, path: str, number: int, text: str) -> WrittenLine:
        if path not in self._blamed:
            try:
                self._blamed[path] = {line.number: line.commit for line in self.blame(path)}
            except FileNotFoundError:
                self._blamed[path] = {}
        return WrittenLine(text, path, number, self._blamed[path].get(number))

    def _read(self, name: str) -> str:
        try:
            return self.catalog.text(name)
        except FileNotFoundError:
            return ""
