"""From a value's place to an edit of the text it was read from: rename a key, replace or quote a value.

Only what stands on one line and is written as expected is edited, so comments and layout stay.
It must never guess where something stands: without the expected text at the place there is no edit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from registry.authoring.parse import Document, Steps, rows_of
from registry.diagnostics import Edit, Fix, Place

_TOKEN = re.compile(r"[^\s,\[\]{}#][^\s,\[\]{}]*")
_VALUE_END = re.compile(r"\s*(?:$|[,\]}]|\s#)")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of one row: indexes from 0, ``end`` not included."""

    row: int
    start: int
    end: int
    text: str


def rename(document: Document, steps: Steps, name: str) -> Fix | None:
    """Write another name for a key; None where the key is not found or its parent has that name already."""
    parent = document.data
    for step in steps[:-1]:
        parent = parent[step]
    span = key_span(document, steps)
    if span is None or name in parent:
        return None
    changes = (steps, (*steps[:-1], name))
    return Fix(f"Write {name}", (_edit(document, span, span.text.replace(str(steps[-1]), name)),), changes)


def replace(document: Document, steps: Steps, value: str, name: str) -> Fix | None:
    """Write another text for a value that is the text ``value``, in the quotes that it has."""
    span = _text_span(document, steps, value)
    if span is None:
        return None
    return Fix(f"Write {name}", (_edit(document, span, span.text.replace(value, name)),), (steps,))


def quote(document: Document, steps: Steps) -> Fix | None:
    """Put quotes around a plain number or truth value, so that it is text as written."""
    start = value_start(document, steps)
    found = None if start is None else _TOKEN.match(_rows(document)[start[0]], start[1])
    if start is None or found is None or found[0][0] in "\"'|>&*!":
        return None
    span = Span(start[0], found.start(), found.end(), found[0])
    return Fix(f'Write "{found[0]}"', (_edit(document, span, f'"{found[0]}"'),), (steps,))


def at_word(place: Place, source: str, word: str, name: str, *steps: Steps) -> Fix | None:
    """Write another word at a place inside a text; ``steps`` lead to the value that holds it, if any does."""
    rows = rows_of(source)
    row = rows[place.line - 1] if place.line <= len(rows) else ""
    start = place.column - 1
    if not word or not row.startswith(word, start):
        return None
    edit = Edit(place.path, place.line, place.column, place.line, place.column + len(word), name)
    return Fix(f"Write {name}", (edit,), steps)


def of_rows(path: str, rows: list[str], at: int, new: Sequence[str]) -> tuple[Edit, ...]:
    """Edits that give some rows, from an index on, another text: one for each, as small as it can be."""
    return tuple(
        _of_row(path, number, old, text)
        for number, (old, text) in enumerate(zip(rows[at:], new, strict=False), at + 1)
        if old != text
    )


def _of_row(path: str, number: int, old: str, new: str) -> Edit:
    head = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
    start = min(len(old), len(new)) if head is None else head
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(path, number, start + 1, number, len(old) - tail + 1, new[start : len(new) - tail])


def key_span(document: Document, steps: Steps) -> Span | None:
    """Where a key stands, with its quotes; None when it is not written as it was read."""
    mark = document.marks.get(steps)
    if mark is None or not steps or not isinstance(steps[-1], str):
        return None
    row, start = _rows(document)[mark.line - 1], mark.column - 1
    for text in (steps[-1], f'"{steps[-1]}"', f"'{steps[-1]}'"):
        if row.startswith(text, start):
            return Span(mark.line - 1, start, start + len(text), text)
    return None


def value_start(document: Document, steps: Steps) -> tuple[int, int] | None:
    """The row and the index at which a value begins, both from 0; None where that is not plain to see."""
    mark = document.marks.get(steps)
    if mark is None or not steps or mark.block:
        return None
    if isinstance(steps[-1], int):
        return mark.line - 1, mark.column - 1
    rows = _rows(document)
    if mark.value_line != mark.line:
        row = rows[mark.value_line - 1]
        return mark.value_line - 1, len(row) - len(row.lstrip())
    key = key_span(document, steps)
    colon = None if key is None else re.compile(r"\s*:\s*").match(rows[key.row], key.end)
    return None if key is None or colon is None else (key.row, colon.end())


def _text_span(document: Document, steps: Steps, value: str) -> Span | None:
    start = value_start(document, steps)
    if start is None:
        return None
    row, at = _rows(document)[start[0]], start[1]
    for text in (value, f'"{value}"', f"'{value}'"):
        if row.startswith(text, at) and _VALUE_END.match(row, at + len(text)):
            return Span(start[0], at, at + len(text), text)
    return None


def _rows(document: Document) -> list[str]:
    return rows_of(document.source)


def _edit(document: Document, span: Span, text: str) -> Edit:
    return Edit(document.path, span.row + 1, span.start + 1, span.row + 1, span.end + 1, text)
