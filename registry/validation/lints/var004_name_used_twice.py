"""A history and an input of one name: the history wins, and the input's own schema is never looked at."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.prompt import PlaceholderSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "VAR004"
TITLE = "History and input of one name"
LESSON = Lesson(
    "error",
    """\
inputs:
  talk: {type: string, maxLength: 500}
messages:
  - history: talk
  - {role: user, content: "{{ talk }}"}
""",
    """\
inputs:
  question: {type: string, maxLength: 500}
messages:
  - history: talk
  - {role: user, content: "{{ question }}"}
""",
    firm="the input's own schema would never be looked at",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each placeholder that is named like an input."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        for index, item in enumerate(prompt.messages):
            if isinstance(item, PlaceholderSource) and item.history in prompt.inputs:
                place = subject.document("prompt", prompt_id).place("messages", index, "history")
                message = f"The history {item.history} has the name of an input."
                yield Diagnostic(CODE, "error", place, message, "Rename one of the two.")
