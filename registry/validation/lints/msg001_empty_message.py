"""A message without a word is refused by some providers, and is most often a text that got lost."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "MSG001"
TITLE = "Empty message"
LESSON = Lesson(
    "error",
    """\
messages:
  - {role: system, content: "{# to be written #}"}
  - {role: user, content: "{{ question }}"}
""",
    """\
messages:
  - {role: system, content: You answer questions.}
  - {role: user, content: "{{ question }}"}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each message, part or replacement that can print nothing but white space."""
    for template in subject.templates:
        found = template.examination
        if found.faults or found.gaps or found.prints:
            continue
        if found.bound == 0 or not template.expanded.text.strip():
            message = "This message has no text."
            hint = "Write its content, or remove the message."
            yield Diagnostic(CODE, "error", template.site.place, message, hint)
