"""A variable that no one declares has no value at run time, so every call of the prompt would be refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from registry.diagnostics import Diagnostic, Fix, Place
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject, Template
from registry.validation.suggest import did_you_mean, surely

CODE = "VAR001"
TITLE = "Undeclared variable"
LESSON = Lesson(
    "error",
    """\
messages:
  - {role: user, content: "{{ qestion }}"}
""",
    """\
messages:
  - {role: user, content: "{{ question }}"}
""",
    fix="writes the one declared name that can have been meant",
    firm="every call of the prompt would be refused",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each use of a variable that is not under ``inputs``."""
    for template in subject.templates:
        inputs = subject.catalog.prompts[template.site.prompt].inputs
        for use in template.examination.uses:
            if use.name not in inputs:
                message = f"The variable {use.name} is not declared by prompt {template.site.prompt}."
                hint = (
                    did_you_mean(use.name, inputs)
                    or f"Add {use.name} under inputs, with its type and its bound."
                )
                place = template.place(use.line, use.name)
                yield Diagnostic(CODE, "error", place, message, hint, _fix(template, place, use.name, inputs))


def _fix(template: Template, place: Place, name: str, inputs: Collection[str]) -> Fix | None:
    """The one declared name in its place; not in a template of a file, which other prompts may use."""
    meant = surely(name, inputs)
    document = template.site.document
    if meant is None or place.path != document.path:
        return None
    return edits.at_word(place, document.source, name, meant, template.site.steps)
