"""One line too far to the left ends a text block: the rest of the prompt is lost, or the file cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.parse import OURS, Document, Steps, rows_of
from registry.diagnostics import Diagnostic, Fix, Place
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.slips import block_end, left
from registry.validation.subject import Subject
from registry.validation.unread import findings_of_slips
from serve.core.model import Json

CODE = "TXT004"
TITLE = "Text that left its block"
LESSON = Lesson(
    "error",
    """\
messages:
  - role: user
    content: |
      Answer the question below.
    Be brief.
      {{ question }}
""",
    """\
messages:
  - role: user
    content: |
      Answer the question below.
      Be brief.
      {{ question }}
""",
    fix="indents the lines like the text above, where the file can be read then",
    firm="the text is missing from the prompt",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each text that left its block, in files that cannot be read and in those that can."""
    yield from findings_of_slips(subject.catalog, CODE)
    for documents in subject.catalog.documents.values():
        for document in documents.values():
            if document.may_hold("below block"):
                yield from _keys(document, document.data, ())


def _keys(document: Document, value: Json, steps: Steps) -> Iterator[Diagnostic]:
    """What became a key because it stands below a block and holds a colon."""
    before: Steps | None = None
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in pairs:
        here = (*steps, step)
        if isinstance(step, str) and before is not None and not OURS.match(step):
            yield from _key(document, before, here)
        if isinstance(item, dict | list):
            yield from _keys(document, item, here)
        before = here if isinstance(step, str) and document.marks[here].block else None


def _key(document: Document, block: Steps, steps: Steps) -> Iterator[Diagnostic]:
    rows = rows_of(document.source)
    header, at = document.marks[block].value_line - 1, document.marks[steps].line - 1
    found = block_end(rows, header)
    if found is None or found[1] != at:
        return
    slip = left(rows, header, *found)
    place = Place(document.path, at + 1, slip.column + 1)
    fix = Fix(
        "Indent it like the text above", edits.of_rows(document.path, rows, at, slip.rows), (block, steps)
    )
    yield Diagnostic(CODE, "error", place, f"{slip.message[:-1]} and was taken for a key.", slip.hint, fix)
