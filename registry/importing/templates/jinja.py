"""Jinja2 of other tools as Jinja2 of ours: what differs is the line ends around blocks, and a few spellings.

Other tools keep the line end behind a block and the blanks before one; here both go, so a ``+`` is written where
they must stay.
It must never change what a template prints; what has no equal form here is left as it stands, for lint to name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_OPENING = re.compile(r"\{[%{#]")
_NAME = re.compile(r"[-+]?\s*([A-Za-z_]\w*)")
_ENDRAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_STRING = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_IN_BLOCK = re.compile(rf"{_STRING}|[\"']|%\}}", re.DOTALL)
_IN_PRINT = re.compile(rf"{_STRING}|[\"']|\{{|\}}\}}|\}}", re.DOTALL)
_DEEPEST = 50  # braces in braces
_QUOTES = ("'", '"')
_STRINGS = re.compile(f"({_STRING})", re.DOTALL)
_EQUAL = (
    (re.compile(r"\s*\|\s*safe\b"), ""),  # nothing is escaped here, so nothing needs to be marked
    (re.compile(r"\|(\s*)count\b"), r"|\1length"),
    (re.compile(r"\|(\s*)d\("), r"|\1default("),
    (re.compile(r"(?<=\w)\.strip\(\)"), " | trim"),
    (re.compile(r"(?<=\w)\.(upper|lower)\(\)"), r" | \1"),
)
_INDENTED_JSON = re.compile(r"\|(\s*)tojson\(\s*(?:indent\s*=\s*)?\d+\s*\)")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a template: its place, and for a block its first word."""

    kind: Literal["block", "print", "comment"]
    start: int
    end: int
    name: str = ""

    def inner(self, source: str) -> str:
        """What stands between its braces, signs for white space left out."""
        return source[self.start + 2 : self.end - 2].strip("-+").strip()


def tags(source: str) -> tuple[Tag, ...] | None:
    """All tags of a template in order; None where one is never closed, so that it is no Jinja2 at all.

    What stands between ``raw`` and ``endraw`` is text.
    """
    found: list[Tag] = []
    position = 0
    while opening := _OPENING.search(source, position):
        tag = _tag(source, opening.start())
        if tag is None:
            return None
        found.append(tag)
        position = tag.end
        if tag.name == "raw":
            closing = _ENDRAW.search(source, position)
            if closing is None:
                return tuple(found) if position == len(source) else None  # as Jinja2 itself takes it
            found.append(Tag("block", closing.start(), closing.end(), "endraw"))
            position = closing.end()
    return tuple(found)


def _tag(source: str, start: int) -> Tag | None:
    if source.startswith("{#", start):
        end = source.find("#}", start + 2)
        return None if end < 0 else Tag("comment", start, end + 2)
    if source.startswith("{{", start):
        stop = _end_of_print(source, start + 2)
        return None if stop is None else Tag("print", start, stop)
    for token in _IN_BLOCK.finditer(source, start + 2):
        if token[0] == "%}":
            name = _NAME.match(source, start + 2)
            return Tag("block", start, token.end(), name[1] if name else "")
        if token[0] in _QUOTES:
            return None
    return None


def _end_of_print(source: str, position: int) -> int | None:
    depth = 0
    while token := _IN_PRINT.search(source, position):
        position = token.end()
        if token[0] == "{":
            depth += 1
        elif token[0] == "}}" and depth == 0:
            return position
        elif token[0] in ("}", "}}"):
            depth -= 1
            position = token.start() + 1
        if token[0] in _QUOTES or not 0 <= depth <= _DEEPEST:
            return None
    return None


def texts(source: str, found: Sequence[Tag]) -> Iterator[tuple[int, int]]:
    """The spans of a template between its tags."""
    position = 0
    for tag in found:
        yield position, tag.start
        position = tag.end
    yield position, len(source)


def with_lines_kept(source: str, *, starts_message: bool = True) -> str:
    """The template that prints here what this one prints where blocks keep the lines around them.

    Args:
        source: the template.
        starts_message: True where white space at its very start is taken away, as formats do that have
            their messages in one text; it may then be missing.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    found = tags(text) or ()
    at_start = _beginning(text, found) if starts_message else set[Tag]()
    out: list[str] = []
    position = 0
    for tag in found:
        written = text[tag.start : tag.end]
        if tag.kind != "print" and tag not in at_start:
            written = _signed(text, tag, position)
        out += [text[position : tag.start], written]
        position = tag.end
    return "".join([*out, text[position:]])


def _beginning(text: str, found: Sequence[Tag]) -> set[Tag]:
    """The tags behind which nothing was printed yet: the divisions of a condition that a template begins with."""
    if not found or found[0].name != "if" or text[: found[0].start].strip():
        return set()
    depth, out = 0, set[Tag]()
    for tag in found:
        depth += (tag.name == "if") - (tag.name == "endif")
        if depth == 0:
            break
        if depth == 1 and tag.name in ("if", "elif", "else"):
            out.add(tag)
    return out


def _signed(text: str, tag: Tag, position: int) -> str:
    """The tag with a ``+`` wherever our environment would take white space away beside it."""
    whole = text[tag.start : tag.end]
    line = max(position, text.rfind("\n", 0, tag.start) + 1)
    begins_line = line == 0 or text[line - 1] == "\n"
    if begins_line and tag.start > line and text[line : tag.start].isspace() and whole[2] not in "-+":
        whole = f"{whole[:2]}+{whole[2:]}"
    if text.startswith("\n", tag.end) and tag.name != "raw" and whole[-3] not in "-+":
        whole = f"{whole[:-2]}+{whole[-2:]}"
    return whole


def in_our_words(source: str) -> tuple[str, tuple[str, ...]]:
    """The template with spellings that our policy knows, and what prints otherwise for it.

    ``x.strip()`` becomes ``x | trim``, ``| safe`` goes; JSON loses its line breaks, which is told.
    """
    out: list[str] = []
    told: list[str] = []
    position = 0
    for tag in tags(source) or ():
        whole = source[tag.start : tag.end]
        if tag.kind != "comment":
            whole = "".join(
                piece if number % 2 else _respelled(piece, told)
                for number, piece in enumerate(_STRINGS.split(whole))
            )
        out += [source[position : tag.start], whole]
        position = tag.end
    return "".join([*out, source[position:]]), tuple(dict.fromkeys(told))


def _respelled(code: str, told: list[str]) -> str:
    for pattern, ours in _EQUAL:
        code = pattern.sub(ours, code)
    if _INDENTED_JSON.search(code):
        told.append("tojson has no line breaks here; the JSON is the same")
        code = _INDENTED_JSON.sub(r"|\1tojson", code)
    return code
