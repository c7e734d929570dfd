"""Providers refuse a system message after the others, and a conversation in which no one asks anything."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.prompt import MessageSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "ROL001"
TITLE = "Order of roles"
LESSON = Lesson(
    "error",
    """\
messages:
  - {role: user, content: "{{ question }}"}
  - {role: system, content: You answer questions.}
""",
    """\
messages:
  - {role: system, content: You answer questions.}
  - {role: user, content: "{{ question }}"}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each system message that is not at the start, and each prompt without a user's turn."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        document = subject.document("prompt", prompt_id)
        roles = [item.role if isinstance(item, MessageSource) else "history" for item in prompt.messages]
        lead = next((index for index, role in enumerate(roles) if role != "system"), len(roles))
        for index, role in enumerate(roles):
            if role == "system" and index > lead:
                message = "A system message stands after other messages, which some providers refuse."
                yield Diagnostic(
                    CODE, "error", document.place("messages", index), message, "Move it to the start."
                )
        if not {"user", "history"} & set(roles):
            message = "No message of the user and no history: there is nothing to answer."
            yield Diagnostic(
                CODE, "error", document.place("messages"), message, "Add a message with role: user."
            )
