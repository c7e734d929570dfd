"""Lines of prose without ``|`` are joined into one, and ``007`` is read as 7: the file is in order, the value is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.authoring.parse import Document, Steps, rows_of
from registry.diagnostics import Diagnostic, Place
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from serve.core.model import Json

CODE = "TXT005"
TITLE = "Text read otherwise than written"
LESSON = Lesson(
    "warning",
    """\
messages:
  - role: user
    content:
      Answer in one line.
      - {{ question }}
""",
    """\
messages:
  - role: user
    content: |
      Answer in one line.
      - {{ question }}
""",
)
_NUMBER = re.compile(
    r"[-+]?0[0-9]+|\+[0-9]+|[-+]?[0-9]+\.[0-9]+|0[xo][0-9a-fA-F]+|[-+]?[0-9.]+[eE][-+]?[0-9]+"
)
_DATA = frozenset(("inputs", "enum", "const", "default", "examples", "testData", "expected"))
_PROSE = frozenset(("content", "text"))


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prose whose lines are joined, and each number that is not written as it is read."""
    for documents in subject.catalog.documents.values():
        for document in documents.values():
            if document.may_hold("folded", "numeral"):
                yield from _walk(document, rows_of(document.source), document.data, ())


def _walk(document: Document, rows: list[str], value: Json, steps: Steps) -> Iterator[Diagnostic]:
    if isinstance(value, str):
        yield from _joined(document, rows, steps, value)
    elif isinstance(value, int | float):
        if _DATA & set(steps) and not isinstance(value, bool):
            yield from _renumbered(document, rows, steps, value)
    elif value:
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _walk(document, rows, item, (*steps, step))


def _joined(document: Document, rows: list[str], steps: Steps, value: str) -> Iterator[Diagnostic]:
    """Prose over several lines without ``|``: YAML joins them with spaces."""
    if not {str(step) for step in steps[-2:]} & _PROSE and steps[-2:-1] != ("messages",):
        return
    start = edits.value_start(document, steps)
    if start is None or len(value) < 2 or rows[start[0]][start[1] : start[1] + 1] in ("'", '"', "{", "["):
        return
    row = rows[start[0]][start[1] :].rstrip()
    if value.startswith(row) and len(value) > len(row) and not row.endswith(("}", "]")):
        message = "The lines of this text are joined into one."
        hint = "Begin the text with | after the colon to keep its lines, or quote it if it is one line."
        yield Diagnostic(CODE, "warning", Place(document.path, start[0] + 1, start[1] + 1), message, hint)


def _renumbered(document: Document, rows: list[str], steps: Steps, value: float) -> Iterator[Diagnostic]:
    start = edits.value_start(document, steps)
    found = None if start is None else _NUMBER.match(rows[start[0]], start[1])
    if start is not None and found is not None and found[0] != repr(value):
        message = f"This is read as the number {value!r}; as it is written it would be text."
        place = Place(document.path, start[0] + 1, start[1] + 1)
        yield Diagnostic(
            CODE, "warning", place, message, f'Write "{found[0]}" if it is text, {value!r} if not.'
        )
