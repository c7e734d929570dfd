"""What a schema lets a caller leave out, a template must not print as it is: such a call would be refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.authoring.parse import rows_of
from registry.diagnostics import Diagnostic, Fix, Place
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.outcomes import Absence
from registry.validation.subject import Subject, Template

CODE = "VAR005"
TITLE = "Value that may be missing"
LESSON = Lesson(
    "error",
    """\
inputs:
  page:
    type: object
    required: [title]
    properties: {title: {type: string, maxLength: 80}, note: {type: string, maxLength: 200}}
messages:
  - {role: user, content: "{{ page.title }} {{ page.note }}"}
""",
    """\
inputs:
  page:
    type: object
    required: [title]
    properties: {title: {type: string, maxLength: 80}, note: {type: string, maxLength: 200}}
messages:
  - {role: user, content: "{{ page.title }} {{ page.note | default('') }}"}
""",
    fix="adds a default that prints nothing, to a plain variable and to what a loop goes over",
)
_SET_BEFORE = "Set it before the if, or in every branch."


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each optional property, null or element of a list that is read without a default or a test."""
    for template in subject.templates:
        for found in template.examination.failures:
            if not isinstance(found, Absence):
                continue
            place = template.place(found.line, found.name.partition("[")[0])
            message, hint = _said(found)
            yield Diagnostic(CODE, "error", place, message, hint, _fix(template, place, found))


def _said(found: Absence) -> tuple[str, str]:
    name = found.name or "This value"
    if found.kind == "null":
        message = f"{name} may be null, which cannot be printed or gone through."
        return (
            message,
            f"Write {{% if {name} is not none %}} around it, or default({found.instead}, true) behind it.",
        )
    if name.endswith("]"):
        listed = name.rpartition("[")[0]
        message = f"{listed} may be too short for this, and the call would be refused."
        return message, f"Give {listed} minItems, or write {{% if {listed} %}} around it."
    message = f"{name} may be missing: its schema does not require it, and the call would be refused."
    if "." not in name:
        return f"{name} is set on some ways to this line only, and the call would be refused.", _SET_BEFORE
    return (
        message,
        f"Add it to required, or write {name} | default({found.instead}) or {{% if {name} is defined %}}.",
    )


def _fix(template: Template, place: Place, found: Absence) -> Fix | None:
    """``default`` behind a plain variable, or behind what a loop goes over, in the prompt's own file."""
    document = template.site.document
    if found.kind == "null" or found.name.endswith("]") or place.path != document.path:
        return None
    rows = rows_of(document.source)
    row = rows[place.line - 1] if place.line <= len(rows) else ""
    name = re.escape(found.name)
    plain = list(re.finditer(rf"(?:\{{\{{-?\s*|\bin\s+)({name})(?=\s*-?[%}}]\}}|\s+if\b)", row))
    if len(plain) != 1:
        return None
    at = Place(place.path, place.line, plain[0].start(1) + 1)
    instead = found.instead.replace("'", '"') if "'" in row and '"' not in row else found.instead
    with_default = f"{found.name} | default({instead})"
    return edits.at_word(at, document.source, found.name, with_default, template.site.steps)
