"""What a writer meant by a file that YAML cannot read: text that left its block, a value that needs quotes.

Each slip is tried: only when the whole file can be read with all of them mended is any of them told.
It must never offer a guess that was not read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from registry.authoring.parse import read_yaml

LEFT = "TXT004"
TURNED = "TXT003"
_MOST = 20
_HEADER = re.compile(r".*(?::|-)\s+[|>][-+0-9]*\s*(?:#.*)?$")
_KEY = re.compile(r"(?:- +)*[a-z][A-Za-z0-9_-]*:(?:\s|$)|- +[\[{](?![{%])|---|\.\.\.")
_PAIR = re.compile(r"(\s*(?:- +)*(?:[\w.-]+|\"[^\"]*\"|'[^']*') *: +|\s*(?:- +)+)(\S.*?)(\s+#.*)?$")
_IN_FLOW = re.compile(r"([:,\[]\s+|\[)(\{\{[^'\"]*?\}\})(?=\s*[,\]}])")
_GLUED = re.compile(r"(\s*(?:- +)*[a-z][A-Za-z0-9]*):([^\s/].*)$")


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip and its mending: rows from an index on that give way to others."""

    code: str
    row: int
    column: int
    message: str
    hint: str
    rows: tuple[str, ...]


@lru_cache(maxsize=256)
def slips(source: str) -> tuple[Slip, ...]:
    """All slips of a text that YAML cannot read; none where mending them would not make it readable."""
    rows = source.split("\n")
    found: list[Slip] = []
    line = _trouble(rows)
    while line is not None and len(found) < _MOST:
        slip = _first(rows, line)
        if slip is None:
            return ()
        found.append(slip)
        rows = _mended(rows, slip)
        line = _trouble(rows)
    return tuple(found) if line is None else ()


def block_end(rows: list[str], header: int) -> tuple[int, int] | None:
    """The depth of the text block below a row, and the index of the first row that is no longer in it."""
    first = next((at for at in range(header + 1, len(rows)) if rows[at].strip()), None)
    if first is None or indent(rows[first]) <= indent(rows[header]):
        return None
    depth = indent(rows[first])
    below = (at for at in range(first, len(rows)) if rows[at].strip() and indent(rows[at]) < depth)
    end = next(below, None)
    return None if end is None else (depth, end)


def left(rows: list[str], header: int, depth: int, end: int) -> Slip:
    """The slip of text below a block that was not indented like it, from the row ``end`` on."""
    last = end
    for at in range(end, len(rows)):
        if rows[at].strip() and at > end and _KEY.match(rows[at].strip()):
            break
        last = at if rows[at].strip() else last
    lack = depth - indent(rows[end])
    moved = tuple(_indented(row, lack, depth) for row in rows[end : last + 1])
    last = max(at for at, row in enumerate(moved, end) if row != rows[at])
    which = "this line" if last == end else f"what left it in the lines {end + 1} to {last + 1}"
    message = f"This left the text block that begins in line {header + 1}."
    hint = f"Indent {which} by {lack} more space{'s' if lack > 1 else ''}, like the text above."
    return Slip(LEFT, end, indent(rows[end]), message, hint, moved)


def indent(row: str) -> int:
    """How many spaces a row begins with."""
    return len(row) - len(row.lstrip(" "))


def quoted(value: str) -> str:
    """A text in quotes, as YAML reads it back."""
    inner = value[1:-1]
    if value[0] in "\"'" and value[0] not in value[1:]:
        return f"{value}{value[0]}"
    if len(value) > 1 and value[0] == value[-1] == "'" and '"' not in inner and "\\" not in inner:
        return f'"{inner}"'
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def _first(rows: list[str], line: int) -> Slip | None:
    for slip in (*_left(rows, line), *_unquoted(rows, line), *_glued(rows, line)):
        then = _trouble(_mended(rows, slip))
        if then is None or then > max(line, slip.row + len(slip.rows)):
            return slip
    return None


def _left(rows: list[str], line: int) -> Iterator[Slip]:
    at, best = 0, None
    while at < len(rows):
        found = block_end(rows, at) if _HEADER.match(rows[at]) else None
        if found is not None and found[1] < line:
            best = (at, *found)
        at = found[1] if found is not None else at + 1
    if best is not None and not _KEY.match(rows[best[2]].strip()):
        yield left(rows, *best)


def _unquoted(rows: list[str], line: int) -> Iterator[Slip]:
    row = rows[line - 1] if line <= len(rows) else ""
    pair = _PAIR.match(row)
    if pair and not re.match(r"[|>\[]|\{(?![{%])", pair[2]):
        whole = f"{pair[1]}{quoted(pair[2])}{pair[3] or ''}"
        yield Slip(TURNED, line - 1, pair.end(1), _why(pair[2]), "Put the whole text into quotes.", (whole,))
    inner = _IN_FLOW.search(row)
    if inner:
        whole = f"{row[: inner.start(2)]}{quoted(inner[2])}{row[inner.end(2) :]}"
        hint = f"Write {quoted(inner[2])}"
        yield Slip(TURNED, line - 1, inner.start(2), _why(inner[2]), hint, (whole,))


def _glued(rows: list[str], line: int) -> Iterator[Slip]:
    for at in (line - 1, line - 2):
        glued = _GLUED.match(rows[at]) if 0 <= at < len(rows) else None
        if glued:
            message = "A key ends with a colon and a space; without the space this is one word."
            whole = f"{glued[1]}: {glued[2]}"
            yield Slip(TURNED, at, glued.end(1) + 1, message, "Put a space after the colon.", (whole,))


def _why(value: str) -> str:
    if value.startswith("- "):
        return "A dash and a space begin an item of a list, which cannot stand on this line."
    if value[0] in "{%@`&*!":
        return f"A text that begins with {value[0]} is taken by YAML for something else."
    if value[0] in "\"'":
        return "The quotes do not end where the text does."
    return "A colon and a space end a key, so YAML takes this text apart."


def _indented(row: str, lack: int, depth: int) -> str:
    return f"{' ' * lack}{row}" if row.strip() and indent(row) < depth else row


def _mended(rows: list[str], slip: Slip) -> list[str]:
    return [*rows[: slip.row], *slip.rows, *rows[slip.row + len(slip.rows) :]]


def _trouble(rows: list[str]) -> int | None:
    """The line that YAML gives up at, or None when the text can be read."""
    _, findings = read_yaml("text", "\n".join(rows).encode("utf-8", "surrogatepass"))
    return findings[0].place.line if findings else None
