"""YAML takes a plain text apart at a colon and a space, at a comma between braces, at a bracket or a quote.

Most often the whole file cannot be read then; at worst it can, and a piece of the text is a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.authoring.parse import Document, Steps, rows_of
from registry.diagnostics import Diagnostic, Edit, Fix
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from registry.validation.unread import findings_of_slips
from serve.core.model import Json

CODE = "TXT003"
TITLE = "Text that YAML takes apart"
LESSON = Lesson(
    "error",
    "description: Note: answers one question.\n",
    'description: "Note: answers one question."\n',
    fix="quotes the text, where the file can be read then and nothing else changes",
    firm="the text is not what was written",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each text that a comma cut, and each that keeps its file from being read."""
    yield from findings_of_slips(subject.catalog, CODE)
    for documents in subject.catalog.documents.values():
        for document in documents.values():
            if document.may_hold("null") and _holds_null(document.data):
                yield from _walk(document, rows_of(document.source), document.data, ())


def _holds_null(value: Json) -> bool:
    """True when a key anywhere has no value, which is what a cut leaves behind."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        held = here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()
        if None in held:
            return True
        waiting += [item for item in held if isinstance(item, dict | list)]
    return False


def _walk(document: Document, rows: list[str], value: Json, steps: Steps) -> Iterator[Diagnostic]:
    if isinstance(value, dict):
        yield from _cut_by_comma(document, rows, value, steps)
        for key, item in value.items():
            yield from _walk(document, rows, item, (*steps, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(document, rows, item, (*steps, index))


def _cut_by_comma(
    document: Document, rows: list[str], value: dict[str, Json], steps: Steps
) -> Iterator[Diagnostic]:
    """``{rules: Yes, or no}`` is read as two keys, the second without a value."""
    text: str | None = None
    lost: list[str] = []
    for key, item in [*value.items(), ("", 0)]:
        if item is None and text is not None and _has_no_colon(document, rows, (*steps, key)):
            lost.append(key)
            continue
        if lost and text is not None:
            yield _comma(document, rows, (*steps, text), [(*steps, each) for each in lost])
        text, lost = (key if isinstance(item, str) else None), []


def _has_no_colon(document: Document, rows: list[str], steps: Steps) -> bool:
    span = edits.key_span(document, steps)
    return span is not None and re.match(r"\s*[,}]", rows[span.row][span.end :]) is not None


def _comma(document: Document, rows: list[str], text: Steps, lost: list[Steps]) -> Diagnostic:
    message = "A comma ends a text between braces: what follows it is taken for a key of its own."
    start, last = edits.value_start(document, text), edits.key_span(document, lost[-1])
    fix = None
    if start is not None and last is not None and start[0] == last.row:
        whole = rows[last.row][start[1] : last.end]
        if '"' not in whole and "\\" not in whole and whole[0] != "'":
            span = Edit(document.path, last.row + 1, start[1] + 1, last.row + 1, last.end + 1, f'"{whole}"')
            fix = Fix("Quote the whole text", (span,), (text, *lost))
    return Diagnostic(
        CODE, "error", document.place(*lost[0]), message, "Put the whole text into quotes.", fix
    )
