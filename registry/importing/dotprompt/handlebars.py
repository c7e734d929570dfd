"""Handlebars to a syntax tree, with the line of each tag.

Source: the grammar of Handlebars 4.
It must never run a template, nor know what a helper means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.importing.dotprompt.handlebars_tokens import HandlebarsError, Token, tokens_of

_LEXEME = re.compile(
    r"""\s+|"(?:\\["]|[^"])*"|'(?:\\[']|[^'])*'|-?[0-9]+(?:\.[0-9]+)?(?=[=~}\s/.)|\]])|as\s+\||[()=|@]|\[(?:\\\]|[^\]])*\]|\.\.|\.|/"""
    r"""|[^\s!"#%-,./;->@\[-^`{-~]+""",
)
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Path:
    """A name: ``../a.b`` has ``up`` 1, ``@root.a`` has ``data``; no parts are ``this``."""

    parts: tuple[str, ...]
    up: int = 0
    data: bool = False
    scoped: bool = False

    def __str__(self) -> str:
        return ("@" if self.data else "../" * self.up) + (".".join(self.parts) or "this")


@dataclass(frozen=True, slots=True)
class Value:
    """A constant."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """A name with arguments; without any it may be a variable."""

    name: Path | Value
    params: tuple[Expression, ...] = ()
    hash: Mapping[str, Expression] = field(default_factory=dict)


Expression = Path | Value | Call


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it is printed."""

    text: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Output:
    """``{{x}}`` or ``{{{x}}}``."""

    call: Call
    line: int


@dataclass(frozen=True, slots=True)
class Partial:
    """``{{>name}}``; ``indent`` is put before each of its lines, ``alone`` tells that its line end went."""

    call: Call
    line: int
    indent: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """``{{#x}}``; ``names`` are those after ``as``, ``inverse`` is what stands below ``else``.

    ``alone`` tells of its first, its dividing and its last tag whether they stood alone on their lines.
    """

    call: Call
    line: int
    names: tuple[str, ...]
    body: tuple[Node, ...]
    inverse: tuple[Node, ...]
    alone: tuple[bool, bool, bool] = (False, False, False)


Node = Text | Comment | Output | Partial | Block


def parse(source: str) -> tuple[Node, ...]:
    """The nodes of a template.

    Raises:
        HandlebarsError: where Handlebars would not read it either.
    """
    reader = _Reader(tokens_of(source))
    nodes = reader.nodes(0)
    if reader.here is not None:
        raise HandlebarsError(reader.here.line, f"{{{{{_shown(reader.here)}}}}} closes or divides nothing")
    return nodes


def _shown(token: Token) -> str:
    return {"else": "else ", "close": "/"}.get(token.kind, "") + token.text


class _Reader:
    """Gathers tokens to nodes; ``here`` is the token that ended the last run of them."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = iter(tokens)
        self.here: Token | None = None

    def nodes(self, depth: int) -> tuple[Node, ...]:
        """All nodes up to a token that divides or closes a block, or to the end."""
        if depth > _DEPTH:
            raise HandlebarsError(
                self.here.line if self.here else 1, f"blocks stand more than {_DEPTH} levels deep"
            )
        out: list[Node] = []
        for token in self._tokens:
            if token.kind in ("else", "close"):
                self.here = token
                return tuple(out)
            out += self._node(token, depth)
        self.here = None
        return tuple(out)

    def _node(self, token: Token, depth: int) -> list[Node]:
        match token.kind:
            case "text":
                return [Text(token.printed)] if token.printed else []
            case "comment":
                return [Comment(token.text, token.line)]
            case "raw":
                call, _ = _inside(token)
                return [Block(call, token.line, (), (Text(token.printed),), ())]
            case "output":
                return [Output(_inside(token)[0], token.line)]
            case "partial":
                indent = token.indent if token.alone else ""
                return [Partial(_inside(token)[0], token.line, indent, token.alone)]
        return [self._block(token, depth)]

    def _block(self, opening: Token, depth: int) -> Block:
        self.here = opening
        if opening.text.startswith((">", "*")):
            raise HandlebarsError(opening.line, "partial blocks and decorators are not read")
        call, names = _inside(opening)
        body = self.nodes(depth + 1)
        inverse: tuple[Node, ...] = ()
        divided = False
        if self.here is not None and self.here.kind == "else":
            chained = self.here
            divided = chained.alone
            # {{else if x}} is a block inside, closed by the same tag
            inverse = (self._block(chained, depth + 1),) if chained.text else self.nodes(depth + 1)
        closing = self.here
        if closing is None or closing.kind != "close":
            raise HandlebarsError(opening.line, f"{{{{#{opening.text}}}}} is never closed")
        name = str(call.name) if isinstance(call.name, Path) else ""
        if opening.kind != "else" and closing.text.replace("/", ".") != name.replace("/", "."):
            raise HandlebarsError(
                closing.line, f"{{{{/{closing.text}}}}} closes {{{{#{name}}}}} of line {opening.line}"
            )
        if opening.kind == "inverse":
            body, inverse = inverse, body
        return Block(call, opening.line, names, body, inverse, (opening.alone, divided, closing.alone))


def _inside(token: Token) -> tuple[Call, tuple[str, ...]]:
    words: list[str] = []
    position = 0
    while position < len(token.text):
        found = _LEXEME.match(token.text, position)
        if found is None:
            raise HandlebarsError(token.line, f"{{{{{token.text}}}}} is no expression of Handlebars")
        words.append(found[0])
        position = found.end()
    if not words:
        raise HandlebarsError(token.line, "{{}} names nothing")
    return _Words(words, token).call()


class _Words:
    """Reads the expression of one tag."""

    def __init__(self, words: list[str], token: Token) -> None:
        self._words = words
        self._token = token
        self._at = 0

    def call(self) -> tuple[Call, tuple[str, ...]]:
        call = self._call(0)
        names: tuple[str, ...] = ()
        if self._peek().startswith("as"):
            self._next()
            names = tuple(word for word in self._words[self._at :] if not word.isspace() and word != "|")
            self._at = len(self._words)
        self._space()
        if self._at < len(self._words):
            raise self._wrong()
        return call, names

    def _call(self, depth: int) -> Call:
        if depth > _DEPTH:
            raise self._wrong()
        self._space()
        name = self._expression(depth)
        if isinstance(name, Call):
            raise self._wrong()
        params: list[Expression] = []
        pairs: dict[str, Expression] = {}
        while True:
            self._space()
            if not self._peek() or self._peek() == ")" or self._peek().startswith("as"):
                if self._peek().startswith("as") and "|" not in self._peek():
                    params.append(self._expression(depth))
                    continue
                return Call(name, tuple(params), pairs)
            if self._peek(1) == "=":
                key = self._next()
                self._next()
                self._space()
                pairs[key] = self._expression(depth)
            else:
                params.append(self._expression(depth))

    def _expression(self, depth: int) -> Expression:
        word = self._peek()
        if word == "(":
            self._next()
            call = self._call(depth + 1)
            self._space()
            if self._next() != ")":
                raise self._wrong()
            return call
        if word[:1] in "\"'" and word:
            return Value(self._next()[1:-1].replace(f"\\{word[0]}", word[0]))
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", word):
            number = float(self._next())
            return Value(int(number) if number.is_integer() and "." not in word else number)
        if word in _WORDS:
            return Value(_WORDS[self._next()])
        return self._path()

    def _path(self) -> Path:
        data = self._peek() == "@"
        if data:
            self._next()
        parts: list[str] = []
        up = 0
        scoped = False
        while True:
            word = self._next()
            if not word or word.isspace() or word in "()=|@/":
                raise self._wrong()
            if word == "..":
                if parts:
                    raise self._wrong()
                up += 1
            elif word in ("this", "."):
                scoped = True
            else:
                parts.append(word[1:-1] if word.startswith("[") else word)
            if self._peek() not in ("/", "."):
                return Path(tuple(parts), up, data, scoped)
            self._next()

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._words[at] if at < len(self._words) else ""

    def _next(self) -> str:
        word = self._peek()
        self._at += 1
        return word

    def _space(self) -> None:
        while self._peek() and self._peek().isspace():
            self._at += 1

    def _wrong(self) -> HandlebarsError:
        return HandlebarsError(self._token.line, f"{{{{{self._token.text}}}}} is no expression of Handlebars")
