"""An outsider's words in a system message speak with your authority: plain prompt injection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from serve.core.model import Json

CODE = "SEC001"
TITLE = "Untrusted text in a system message"
LESSON = Lesson(
    "error",
    """\
inputs:
  question: {type: string, maxLength: 500, trust: user}
messages:
  - {role: system, content: "Answer this: {{ question }}"}
  - {role: user, content: Go on.}
""",
    """\
inputs:
  question: {type: string, maxLength: 500, trust: user}
messages:
  - {role: system, content: Answer what the user asks.}
  - {role: user, content: "{{ question }}"}
""",
    firm="prompt injection is excused for a time and a reason, or not at all",
    excusable=True,
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each place where an input with ``trust: user`` is printed into a system message."""
    for template in subject.templates:
        if template.site.trusted:
            continue
        inputs = subject.catalog.prompts[template.site.prompt].inputs
        for use in template.examination.prints:
            if _is_untrusted(inputs.get(use.name)):
                message = (
                    f"{use.name} is written by an outsider (trust: user) and stands in a system message."
                )
                hint = "Move it to a user message, or give the reason under allowUntrusted."
                yield Diagnostic(CODE, "error", template.place(use.line, use.name), message, hint)


def _is_untrusted(schema: Json) -> bool:
    """True when a schema or any part of it says ``trust: user``."""
    if isinstance(schema, Mapping):
        return schema.get("trust") == "user" or any(map(_is_untrusted, schema.values()))
    return isinstance(schema, list) and any(map(_is_untrusted, schema))
