"""Templates are data from many hands: what can grow or reach into objects is refused."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "TPL001"
TITLE = "Template not allowed"
LESSON = Lesson(
    "error",
    """\
messages:
  - {role: user, content: "{{ question.upper() }}"}
""",
    """\
messages:
  - {role: user, content: "{{ question | upper }}"}
""",
    firm="what a template could do otherwise has no bound",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each construct outside the whitelist, and for text that is not Jinja2."""
    for template in subject.templates:
        for fault in template.examination.faults:
            message = f"{fault.problem[:1].upper()}{fault.problem[1:]}."
            yield Diagnostic(CODE, "error", template.place(fault.line), message, fault.hint)
