"""Partials put in place as text, before anything else looks at a template.

A release holds whole templates, so a service never resolves a name and a digest covers what was included.
It must never touch what stands in ``{% raw %}``, and never follow a name that is computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jinja2 import Environment, TemplateSyntaxError

Read = Callable[[str], str]
DEPTH = 5
_LIMIT = 2**20
_PLAIN = ("name", "string")
_LEXER = Environment(keep_trailing_newline=True, autoescape=True)  # only its lexer is used
_WITHIN = r"""(?:[\w\s.,|=<>:]++|"[^"\\{}%]*+"|'[^'\\{}%]*+')*+"""
_PIECE = (
    re.compile(  # an include, another tag that no lexer could see otherwise, or what only a lexer can tell
        r"""\{%\s*include\s*(?P<name>"[^"\\{}%]*+"|'[^'\\{}%]*+')\s*%\}"""
        rf"|\{{%(?!\s*(?:include|raw|endraw)){_WITHIN}%\}}"
        rf"|\{{\{{{_WITHIN}\}}\}}"
        r"|(?P<other>\{[{%#])"
    )
)


class IncludeError(ValueError):
    """An include that cannot be put in place.

    Attributes:
        name: the partial, as written; empty when the name is not constant.
        line: the line of the tag, from 1, in ``file``.
        problem: one clause that says what is wrong.
        file: the partial that holds the tag, None for the template itself.
        missing: whether the one trouble is that there is no such file.
    """

    def __init__(
        self, name: str, line: int, problem: str, file: str | None = None, *, missing: bool = False
    ) -> None:
        super().__init__(name, line, problem, file)
        self.missing = missing
        self.name = name
        self.line = line
        self.problem = problem
        self.file = file

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.file else f"line {self.line}"
        return f"the include {self.name} in {where} {self.problem}".replace("  ", " ")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line of an expanded template was written: a partial (None: the template), and its line."""

    file: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Expanded:
    """A template with all partials in place, their texts by name, and the origin of each of its lines."""

    text: str
    partials: dict[str, str] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()

    def origin(self, line: int) -> Origin:
        """Where line ``line`` (from 1) of the text was written."""
        return self.origins[min(max(line, 1), len(self.origins)) - 1]


def expand(source: str, read: Read) -> tuple[str, dict[str, str]]:
    """A template with all partials in place, and the text of each by its name.

    An include alone on its line gives the partial's text and one newline in place of that line; any other
    gives the text without its last newlines. A template that Jinja2 cannot read comes back as it is.

    Args:
        source: the template.
        read: the text of a partial by its name; raises FileNotFoundError for one that is not there.

    Raises:
        IncludeError: for a missing partial, a name outside the content folder or not constant, a cycle,
            more than five levels or more than a million characters.
    """
    expanded = trace(source, read)
    return expanded.text, expanded.partials


def trace(source: str, read: Read) -> Expanded:
    """As ``expand``, with the origin of every line; raises IncludeError alike."""
    expander = _Expander(read)
    expander.write(source.replace("\r\n", "\n").replace("\r", "\n"), ())
    text = "".join(expander.pieces)
    return Expanded(text, expander.partials, tuple(expander.origins))


@dataclass(frozen=True, slots=True)
class _Tag:
    """An include tag: the half-open span that gives way to the partial, its line, and what stands in it."""

    start: int
    end: int
    line: int
    name: str | None
    alone: bool


class _Expander:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._length = 0
        self.pieces: list[str] = []
        self.partials: dict[str, str] = {}
        self.origins: list[Origin] = [Origin(None, 1)]

    def write(self, source: str, chain: tuple[str, ...]) -> None:
        file = chain[-1] if chain else None
        position, line = 0, 1
        for tag in _tags(source):
            self._text(source[position : tag.start], file, line)
            self._include(tag, chain)
            line += source.count("\n", position, tag.end)
            position = tag.end
        self._text(source[position:], file, line)

    def _include(self, tag: _Tag, chain: tuple[str, ...]) -> None:
        name, file = tag.name or "", chain[-1] if chain else None
        problem = _problem(tag.name, chain)
        if problem:
            raise IncludeError(name, tag.line, problem, file)
        try:
            self.partials[name] = self._read(name)
        except FileNotFoundError as error:
            problem = "names no file of text below the content folder"
            raise IncludeError(name, tag.line, problem, file, missing=True) from error
        body = self.partials[name].replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
        if self._length + len(body) > _LIMIT:
            raise IncludeError(name, tag.line, f"makes the template longer than {_LIMIT} characters", file)
        self.write(f"{body}\n" if tag.alone and body else body, (*chain, name))

    def _text(self, text: str, file: str | None, line: int) -> None:
        if not text:
            return
        self._at_line_start(Origin(file, line))
        self.pieces.append(text)
        self._length += len(text)
        self.origins += [Origin(file, line + step) for step in range(1, text.count("\n") + 1)]

    def _at_line_start(self, origin: Origin) -> None:
        if not self.pieces or self.pieces[-1].endswith("\n"):
            self.origins[-1] = origin


def _problem(name: str | None, chain: tuple[str, ...]) -> str:
    if name is None:
        return 'must have the plain form {% include "folder/name.md" %}'
    if name.startswith("/") or "\\" in name or any(step in ("", ".", "..") for step in name.split("/")):
        return "must be a plain path below the content folder"
    if name in chain:
        cycle = (*chain[chain.index(name) :], name)
        return f"is a cycle: {' → '.join(cycle)}"
    if len(chain) >= DEPTH:
        return f"stands more than {DEPTH} levels deep: {' → '.join((*chain, name))}"
    return ""


def _tags(source: str) -> Iterator[_Tag]:
    if "include" not in source:
        return
    plain = _plain_tags(source)
    if plain is not None:
        yield from plain
        return
    try:
        tokens = list(_LEXER.lex(source))
    except TemplateSyntaxError:
        return
    position, inside, start, line = 0, [("", "")], 0, 1
    for number, kind, value in tokens:
        if kind == "block_begin":
            position = source.index(value, position)
            inside, start, line = [], position, number
        elif kind in ("variable_begin", "comment_begin", "raw_begin", "raw_end"):
            position = source.index(value, position)
        elif kind == "block_end" and inside and inside[0] == ("name", "include"):
            yield _tag(source, (start, position + len(value)), line, inside)
        elif kind != "whitespace":
            inside.append((kind, value))
        position += len(value)


def _plain_tags(source: str) -> list[_Tag] | None:
    """The tags of a template in which every tag is plain, as the lexer has them; None where only it can tell."""
    tags: list[_Tag] = []
    for piece in _PIECE.finditer(source):
        if piece["other"]:
            return None
        if piece["name"]:
            line = source.count("\n", 0, piece.start()) + 1
            tags.append(_tag(source, piece.span(), line, [("name", "include"), ("string", piece["name"])]))
    return tags


def _tag(source: str, span: tuple[int, int], line: int, inside: list[tuple[str, str]]) -> _Tag:
    start, end = span
    constant = tuple(kind for kind, _ in inside) == _PLAIN and "\\" not in inside[1][1]
    name = inside[1][1][1:-1] if constant else None
    if source.startswith("{%-", start):
        start = len(source[:start].rstrip())
    before = source.rfind("\n", 0, start) + 1
    after = source.find("\n", end)
    after = len(source) if after < 0 else after + 1
    if not source[before:start].strip() and not source[end:after].strip():
        return _Tag(before, after, line, name, alone=True)
    return _Tag(start, end, line, name, alone=False)
