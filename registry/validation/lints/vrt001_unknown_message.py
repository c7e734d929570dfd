"""A variant that replaces a message no one has would silently be the prompt itself."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.prompt import MessageSource
from registry.diagnostics import Diagnostic, Fix
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from registry.validation.suggest import did_you_mean, surely

CODE = "VRT001"
TITLE = "Variant of an unknown message"
LESSON = Lesson(
    "error",
    """\
messages:
  - {id: rules, role: user, content: "{{ question }}"}
variants:
  short:
    messages: {rulse: "In one line: {{ question }}"}
""",
    """\
messages:
  - {id: rules, role: user, content: "{{ question }}"}
variants:
  short:
    messages: {rules: "In one line: {{ question }}"}
""",
    fix="writes the one message id that can have been meant",
    firm="the variant would be the prompt itself",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each message id that a variant names and the prompt does not have."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        ids = [item.id for item in prompt.messages if isinstance(item, MessageSource) and item.id is not None]
        for arm, variant in prompt.variants.items():
            for name in variant.messages:
                if name not in ids:
                    place = subject.document("prompt", prompt_id).place("variants", arm, "messages", name)
                    hint = did_you_mean(name, ids) or f"Give the message that it replaces id: {name}."
                    message = f"No message of this prompt has the id {name}."
                    yield Diagnostic(
                        CODE, "error", place, message, hint, _fix(subject, prompt_id, arm, name, ids)
                    )


def _fix(subject: Subject, prompt: str, arm: str, name: str, ids: list[str]) -> Fix | None:
    meant = surely(name, ids)
    document, steps = subject.document("prompt", prompt), ("variants", arm, "messages", name)
    return None if meant is None else edits.rename(document, steps, meant)
