"""Mustache to Jinja2. Source: the Mustache manual, and its specification for tags that stand alone on a line.

A section means a loop, a condition or a look into an object, depending on a value that the file may not show;
what it was taken for is then told.
It must never take a section for anything without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.importing.port import Note
from registry.importing.templates import pieces
from serve.core.model import Json

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_DELIMITERS = re.compile(r"=\s*(\S+)\s+(\S+)\s*=\Z")
_ALONE = frozenset("#^/!>=")  # the kinds whose tag takes its line with it when it stands alone there


@dataclass(frozen=True, slots=True)
class _Tag:
    kind: str  # one of # ^ / ! > = & and v, a variable
    name: str
    start: int
    end: int
    alone: bool
    source: str

    @property
    def line(self) -> int:
        return self.source.count("\n", 0, self.start) + 1

    def written(self, inner: str, mark: str = "%") -> str:
        """A block of ours in its place, which leaves or keeps the white space around it as this one does."""
        if self.alone:
            line_end = "\n" if self.source[self.end - 1 : self.end] == "\n" else ""
            return f"{{{mark} {inner} {mark}}}{line_end}"
        line = self.source.rfind("\n", 0, self.start) + 1
        left = "+" if self.start > line and self.source[line : self.start].isspace() else ""
        right = "+" if self.source.startswith("\n", self.end) else ""
        return f"{{{mark}{left} {inner} {right}{mark}}}"


@dataclass(slots=True)
class _Scope:
    """Where names are looked up: the expression that holds them and, where it is known, its schema."""

    expression: str
    schema: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _End:
    """What closes an open section, and whether names are looked up inside it."""

    tag: _Tag
    closing: str
    is_scope: bool = False


@dataclass(slots=True)
class Converter:
    """Converts the templates of one prompt.

    Attributes:
        known: the JSON Schema of each value that the file declares or shows.
        notes: what is not as it was.
    """

    known: Mapping[str, Mapping[str, Json]]
    notes: list[Note] = field(default_factory=list)
    _scopes: list[_Scope] = field(default_factory=list)
    _outer: set[str] = field(default_factory=set)
    _ends: list[_End] = field(default_factory=list)

    def converted(self, template: str) -> str:
        """The template in Jinja2; a tag that cannot be carried is left out and told."""
        text = template.replace("\r\n", "\n").replace("\r", "\n")
        found = list(_tags(text))
        self._outer = set(self.known) | _outside(found)
        out: list[pieces.Piece] = []
        position = 0
        for number, tag in enumerate(found):
            out += [pieces.text(text[position : tag.start]), pieces.tag(self._tag(tag, found[number + 1 :]))]
            position = tag.end
        out.append(pieces.text(text[position:]))
        if "{{" in text[position:]:
            line = text.count("\n", 0, text.index("{{", position)) + 1
            self.notes.append(Note("fault", "{{", "is never closed; it is text here", line))
        while self._ends:
            end = self._ends.pop()
            self._fault(end.tag, "is never closed; it ends with the text here")
            out.append(pieces.tag(f"{{% {end.closing} %}}" if end.closing else ""))
        return pieces.joined(out)

    def _tag(self, tag: _Tag, rest: list[_Tag]) -> str:
        if tag.kind == "!":
            return tag.written(tag.name.replace("#}", "# }"), "#")
        if tag.kind == "=":
            return ""
        if tag.kind == "/":
            return self._closed(tag)
        if tag.kind == ">":
            why = "puts another template in its place, which this file does not hold"
            self.notes.append(Note("lost", f"partial {tag.name}", why, tag.line))
            return ""
        if tag.name != "." and not _NAME.fullmatch(tag.name):
            self._fault(tag, "is no name of Mustache's; it was left out")
            if tag.kind in "#^":
                self._ends.append(_End(tag, ""))
            return ""
        if tag.kind in "#^":
            return self._opened(tag, rest)
        if tag.kind == "v":
            why = "in values are not turned into &amp; &lt; &gt; &quot; here; the model sees them as they are"
            self.notes.append(Note("changed", '& < > "', why))
        return f"{{{{ {self._found(tag.name)[0]} }}}}"

    def _opened(self, tag: _Tag, rest: list[_Tag]) -> str:
        expression, schema = self._found(tag.name)
        if tag.kind == "^":
            self._ends.append(_End(tag, "endif"))
            return tag.written(f"if not {expression}")
        kind = self._kind(tag, schema, list(_inside(rest)))
        if kind == "array":
            depth = sum(scope.expression.startswith("item") for scope in self._scopes)
            name = f"item{depth + 1 if depth else ''}"
            items = schema.get("items")
            self._scopes.append(_Scope(name, items if isinstance(items, Mapping) else {}))
            self._ends.append(_End(tag, "endfor", is_scope=True))
            return tag.written(f"for {name} in {expression}")
        if kind == "object":
            self._scopes.append(_Scope(expression, schema))
        self._ends.append(_End(tag, "endif", is_scope=kind == "object"))
        return tag.written(f"if {expression}")

    def _kind(self, tag: _Tag, schema: Mapping[str, Json], inside: list[_Tag]) -> str:
        kind = schema.get("type")
        if isinstance(kind, str):
            return kind if kind in ("array", "object") else "condition"
        names = [each.name for each in inside if each.kind in "v&#^"]
        if "." in names:
            return "array"
        unknown = [name for name in names if name.split(".")[0] not in self._outer and name != tag.name]
        if not unknown:
            why = (
                "may be a list or a condition; it was taken for a condition, since nothing inside is its own"
            )
            self.notes.append(Note("changed", f"section {tag.name}", why, tag.line))
            return "condition"
        why = f"may be a list or a condition; it was taken for a list, since {unknown[0]} stands only inside"
        self.notes.append(Note("changed", f"section {tag.name}", why, tag.line))
        return "array"

    def _closed(self, tag: _Tag) -> str:
        if not self._ends or self._ends[-1].tag.name != tag.name:
            self._fault(tag, "closes what is not open; it was left out")
            return ""
        end = self._ends.pop()
        if end.is_scope:
            self._scopes.pop()
        return tag.written(end.closing) if end.closing else ""

    def _found(self, name: str) -> tuple[str, Mapping[str, Json]]:
        """The expression for a name in its place, and its schema where that is known."""
        if name == ".":
            scope = self._scopes[-1] if self._scopes else _Scope("item", {})
            return scope.expression, scope.schema
        head = name.split(".")[0]
        for scope in reversed(self._scopes):
            properties = scope.schema.get("properties")
            holds = head in properties if isinstance(properties, Mapping) else head not in self._outer
            if holds:
                return f"{scope.expression}.{name}", _at(scope.schema, name)
        return name, _at({"properties": self.known}, name)

    def _fault(self, tag: _Tag, why: str) -> None:
        self.notes.append(
            Note("fault", f"{{{{{tag.kind if tag.kind != 'v' else ''}{tag.name}}}}}", why, tag.line)
        )


def _tags(source: str) -> Iterator[_Tag]:
    left, right = "{{", "}}"
    position = 0
    while (start := source.find(left, position)) >= 0:
        triple = left == "{{" and source.startswith("{{{", start)
        inner = start + len(left) + triple
        closing = "}}}" if triple else right
        end = source.find(closing, inner)
        if end < 0:
            return
        body = source[inner:end].strip()
        position = end + len(closing)
        changed = _DELIMITERS.match(body)
        kind, name = _kind_of(body, triple)
        if changed:
            left, right = changed[1], changed[2]
        tag = _Tag(kind, name, start, position, False, source)
        yield (whole := _alone(tag))
        position = whole.end


def _kind_of(body: str, triple: bool) -> tuple[str, str]:
    if triple:
        return "&", body
    if body[:1] in ("#", "^", "/", "!", ">", "=", "&"):
        return body[:1], body[1:].strip()
    return "v", body


def _alone(tag: _Tag) -> _Tag:
    """The tag, with its whole line where nothing else stands there."""
    if tag.kind not in _ALONE:
        return tag
    source = tag.source
    line = source.rfind("\n", 0, tag.start) + 1
    stop = source.find("\n", tag.end)
    stop = len(source) if stop < 0 else stop
    if source[line : tag.start].strip() or source[tag.end : stop].strip():
        return tag
    return _Tag(tag.kind, tag.name, line, min(stop + 1, len(source)), True, source)


def _inside(rest: list[_Tag]) -> Iterator[_Tag]:
    """The tags up to the end of a section that has just begun."""
    depth = 0
    for tag in rest:
        depth += (tag.kind in "#^") - (tag.kind == "/")
        if depth < 0:
            return
        yield tag


def _outside(found: list[_Tag]) -> set[str]:
    """The names of the values that are printed outside every section."""
    depth, names = 0, set[str]()
    for tag in found:
        depth += (tag.kind in "#^") - (tag.kind == "/")
        if depth == 0 and tag.kind in "v&":
            names.add(tag.name.split(".")[0])
    return names


def _at(schema: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    for step in name.split("."):
        properties = schema.get("properties")
        inner = properties.get(step) if isinstance(properties, Mapping) else None
        schema = inner if isinstance(inner, Mapping) else {}
    return schema
