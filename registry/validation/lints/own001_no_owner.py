"""When a prompt misbehaves at night, someone must be asked; a prompt without an owner has no one."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "OWN001"
TITLE = "No owner"
LESSON = Lesson(
    "warning",
    'owner: ""\n',
    "owner: support\n",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt without ``owner``."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        if not prompt.owner:
            place = subject.document("prompt", prompt_id).place()
            yield Diagnostic(
                CODE, "warning", place, "This prompt has no owner.", "Add owner: and the team's name."
            )
