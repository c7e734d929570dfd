"""Two messages of one id cannot be told apart by a variant, nor by a reader of a difference."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.prompt import MessageSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "VRT002"
TITLE = "Message id used twice"
LESSON = Lesson(
    "error",
    """\
messages:
  - {id: task, role: system, content: You answer questions.}
  - {id: task, role: user, content: "{{ question }}"}
""",
    """\
messages:
  - {id: rules, role: system, content: You answer questions.}
  - {id: task, role: user, content: "{{ question }}"}
""",
    firm="a variant could not tell the two apart",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each message whose id an earlier message has."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        seen: set[str] = set()
        for index, item in enumerate(prompt.messages):
            if not isinstance(item, MessageSource) or item.id is None:
                continue
            if item.id in seen:
                place = subject.document("prompt", prompt_id).place("messages", index, "id")
                message = f"An earlier message has the id {item.id} already."
                yield Diagnostic(CODE, "error", place, message, "Give each message an id of its own.")
            seen.add(item.id)
