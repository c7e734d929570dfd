r"""Handlebars to its tags and the text between them, with the white space that Handlebars itself takes away.

Source: the lexer and the white-space rules of Handlebars 4 (tags alone on their line, ``~``, ``\{{``).
It must never change a character that Handlebars would print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_OPENING = re.compile(r"(?P<slashes>\\{0,2})(?P<tag>\{\{)")
_LONG_COMMENT = re.compile(r"\{\{(?P<left>~)?!--(?P<text>.*?)--(?P<right>~)?\}\}", re.DOTALL)
_COMMENT = re.compile(r"\{\{(?P<left>~)?!(?P<text>.*?)(?P<right>~)?\}\}", re.DOTALL)
_RAW = re.compile(r"\{\{\{\{\s*(?P<inside>[^/}].*?)\s*\}\}\}\}(?P<text>.*?)\{\{\{\{/[^}]*\}\}\}\}", re.DOTALL)
Kind = Literal["text", "comment", "output", "partial", "open", "inverse", "else", "close", "raw"]
_SIGNS: dict[str, Kind] = {"#": "open", ">": "partial", "/": "close", "&": "output"}


class HandlebarsError(ValueError):
    """Text that is not Handlebars: ``line`` counts from 1, ``problem`` is one clause."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(line, problem)
        self.line = line
        self.problem = problem


@dataclass(slots=True)
class Token:
    """A tag, or text. ``text`` is what stands in it, ``printed`` what is left of a text; lines count from 1.

    ``alone`` tells that a tag stood alone on its line, which went; ``indent`` is the white space before it.
    """

    kind: Kind
    text: str
    line: int
    left: bool = False
    right: bool = False
    printed: str = ""
    indent: str = ""
    alone: bool = False


def tokens_of(source: str) -> list[Token]:
    """All tokens of a template.

    Raises:
        HandlebarsError: for a tag without an end.
    """
    tokens = list(_tokens(source))
    _take_space(tokens)
    return tokens


def _tokens(source: str) -> Iterator[Token]:
    position, literal, line, counted = 0, "", 1, 0
    while found := _OPENING.search(source, position):
        before = source[position : found.start()]
        literal += before + ("\\" if len(found["slashes"]) == 2 else "")
        if len(found["slashes"]) == 1:  # an escaped tag is text up to the next one
            until = _OPENING.search(source, found.end())
            position = until.start() if until else len(source)
            literal += source[found.start("tag") : position]
            continue
        start = found.start("tag")
        if literal:
            yield Token("text", literal, line, printed=literal)
            literal = ""
        line += source.count("\n", counted, start)
        counted = start
        token, position = _tag(source, start, line)
        yield token
    literal += source[position:]
    if literal:
        yield Token("text", literal, line, printed=literal)


def _tag(source: str, start: int, line: int) -> tuple[Token, int]:
    for pattern in (_LONG_COMMENT, _COMMENT):
        if found := pattern.match(source, start):
            return Token(
                "comment", found["text"].strip(), line, bool(found["left"]), bool(found["right"])
            ), found.end()
    if found := _RAW.match(source, start):
        return Token("raw", found["inside"], line, printed=found["text"]), found.end()
    triple = re.compile(r"\{\{~?\{").match(source, start)
    closing = re.compile(r"\}~?\}\}" if triple else r"~?\}\}")
    end = _end(source, triple.end() if triple else start + 2, closing, line)
    inside = source[triple.end() if triple else start + 2 : end.start()]
    left = source.startswith("{{~", start)
    inside = inside.removeprefix("~") if not triple else inside
    plain: tuple[Kind, str] = ("output", inside)
    kind, rest = plain if triple else _kind_of(inside)
    return Token(kind, rest.strip(), line, left, "~" in end[0]), end.end()


def _end(source: str, start: int, closing: re.Pattern[str], line: int) -> re.Match[str]:
    """Where a tag ends: the first closing outside of quotes."""
    position = start
    while position < len(source):
        if found := closing.match(source, position):
            return found
        quote = source[position]
        if quote in "\"'" and (other := source.find(quote, position + 1)) > 0:
            position = other
        position += 1
    raise HandlebarsError(line, "{{ is never closed by }}")


def _kind_of(inside: str) -> tuple[Kind, str]:
    text = inside.strip()
    if inside.startswith("*"):
        return "open", inside
    if inside[:1] in _SIGNS and inside:
        return _SIGNS[inside[0]], inside[1:]
    if text in ("^", "else"):
        return "else", ""
    if inside.startswith("^"):
        return "inverse", inside[1:]
    if re.match(r"else\s", text):
        return "else", text[4:]
    return "output", inside


def _take_space(tokens: list[Token]) -> None:
    """Take away what Handlebars does: lines that hold a tag alone, and all white space beside ``~``."""
    judged_at = _chained_ends(tokens)
    for number, token in enumerate(tokens):
        if token.kind in ("text", "output", "raw"):
            continue
        end = judged_at.get(number, number)
        before = tokens[end - 1] if end else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        token.alone = _ends_line(before, end == 1) and _begins_line(after, number + 2 == len(tokens))
    for number, token in enumerate(tokens):
        before = tokens[number - 1] if number else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        is_alone = token.alone and number not in judged_at
        if before is not None and before.kind == "text" and (token.left or is_alone):
            kept = before.printed.rstrip() if token.left else before.printed.rstrip(" \t")
            token.indent = before.printed[len(kept) :]
            before.printed = kept
        if after is not None and after.kind == "text" and (token.right or token.alone):
            pattern = r"\s+" if token.right else r"[ \t]*\r?\n?"
            after.printed = re.sub(rf"\A{pattern}", "", after.printed)


def _chained_ends(tokens: list[Token]) -> dict[int, int]:
    """For each closing tag of an ``else if`` chain, the tag whose line decides whether it stands alone.

    Handlebars judges such a tag by the end of the first ``else if``, and leaves the blanks before it.
    """
    found: dict[int, int] = {}
    dividers: list[list[int]] = []
    for number, token in enumerate(tokens):
        if token.kind in ("open", "inverse"):
            dividers.append([])
        elif token.kind == "else" and dividers:
            dividers[-1].append(number)
        elif token.kind == "close" and dividers:
            inside = dividers.pop()
            if inside and tokens[inside[0]].text:
                found[number] = inside[1] if len(inside) > 1 else number
    return found


def _ends_line(before: Token | None, is_first: bool) -> bool:
    if before is None:
        return True
    return before.kind == "text" and bool(
        re.search(r"(\A|\n)[ \t]*\Z" if is_first else r"\n[ \t]*\Z", before.text)
    )


def _begins_line(after: Token | None, is_last: bool) -> bool:
    if after is None:
        return True
    return after.kind == "text" and bool(
        re.match(r"[ \t]*(\r?\n|\Z)" if is_last else r"[ \t]*\r?\n", after.text)
    )
