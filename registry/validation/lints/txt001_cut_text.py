"""YAML takes `` #`` for a comment, so text can be cut, or lost after a text block, without an error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.authoring.parse import Document, Steps, rows_of
from registry.diagnostics import Diagnostic, Edit, Fix, Place
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.slips import quoted
from registry.validation.subject import Subject
from serve.core.model import Json

CODE = "TXT001"
TITLE = "Text taken for a comment"
LESSON = Lesson(
    "warning",
    "description: Answers about order #123 and others.\n",
    'description: "Answers about order #123 and others."\n',
    fix="quotes a text that was cut, where the key is one for text (description, content, text)",
)

_PROSE = frozenset(("description", "content", "text", "title"))


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each unquoted value before `` #word``, and each stray comment below a text block."""
    for documents in subject.catalog.documents.values():
        for document in documents.values():
            if document.source.find("#", 1) < 0:  # the comment that a file begins with cuts nothing
                continue
            rows = rows_of(document.source)
            for steps, value in _texts(document.data, ()):
                yield from _cut(document, rows, steps, value)
                yield from _stray(document, rows, steps)


def _texts(value: Json, steps: Steps) -> Iterator[tuple[Steps, str]]:
    if isinstance(value, str):
        yield steps, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*steps, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*steps, index))


def _cut(document: Document, rows: list[str], steps: Steps, value: str) -> Iterator[Diagnostic]:
    mark = document.marks[steps]
    row = rows[mark.value_line - 1]
    if mark.block or not value or "#" not in row:
        return
    found = re.search(rf"(?:^|[\s:\-]){re.escape(value)}\s+(#\S)", row)
    if found:
        message = "What follows here is taken for a comment and is not part of the text."
        hint = "Quote the whole text, or put a space after # if it is a comment."
        place = Place(document.path, mark.value_line, found.start(1) + 1)
        yield Diagnostic(CODE, "warning", place, message, hint, _fix(document, steps, row))


def _fix(document: Document, steps: Steps, row: str) -> Fix | None:
    """Quotes around the whole rest of the line, where the key is one for prose."""
    start = edits.value_start(document, steps)
    if start is None or not _PROSE & set(steps[-1:]):
        return None
    text = row[start[1] :].rstrip()
    edit = Edit(
        document.path, start[0] + 1, start[1] + 1, start[0] + 1, start[1] + len(text) + 1, quoted(text)
    )
    return Fix("Quote the whole text", (edit,), (steps,))


def _stray(document: Document, rows: list[str], steps: Steps) -> Iterator[Diagnostic]:
    mark = document.marks[steps]
    if not mark.block:
        return
    below = _below(rows, mark.value_line)
    if below is None or not rows[below].lstrip().startswith("#"):
        return
    key = mark.column - 1 if isinstance(steps[-1] if steps else 0, str) else _indent(rows[mark.line - 1])
    after = next((row for row in rows[below + 1 :] if row.strip() and not row.lstrip().startswith("#")), "")
    indent = _indent(rows[below])
    if indent > key or (indent == key and _indent(after) < key):
        message = "This line left the text block above and is taken for a comment."
        hint = "Indent it like the lines above if it is text, or like the next key if it is a comment."
        yield Diagnostic(CODE, "warning", Place(document.path, below + 1, indent + 1), message, hint)


def _below(rows: list[str], start: int) -> int | None:
    """The index of the first row below a text block whose first row has the index ``start``."""
    depth = next((_indent(row) for row in rows[start:] if row.strip()), 0)
    return next(
        (at for at in range(start, len(rows)) if rows[at].strip() and _indent(rows[at]) < depth), None
    )


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip(" "))
