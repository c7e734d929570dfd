"""Some providers let the user speak first and last; a prompt in another order fails at its first call there."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.prompt import MessageSource, PromptSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from serve.core.payloads import USER_FIRST

CODE = "ROL002"
TITLE = "Order of roles that the provider refuses"
LESSON = Lesson(
    "error",
    """\
# models/chat.model.yaml
engine: anthropic
# answer.prompt.yaml
messages:
  - {role: system, content: You answer questions.}
  - {role: assistant, content: What would you like to know?}
  - {role: user, content: "{{ question }}"}
""",
    """\
# models/chat.model.yaml
engine: anthropic
# answer.prompt.yaml
messages:
  - {role: system, content: You answer questions. You have asked what the user would like to know.}
  - {role: user, content: "{{ question }}"}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for a prompt in which the assistant speaks first, one where it speaks last, by engine."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        engines = " and ".join(_engines(subject, prompt))
        spoken = [(i, _role(item)) for i, item in enumerate(prompt.messages) if _role(item) != "system"]
        if not engines or not spoken:
            continue
        document = subject.document("prompt", prompt_id)
        (first, opener), (last, closer) = spoken[0], spoken[-1]
        if opener == "assistant":
            message = f"The assistant speaks first, which {engines} refuses."
            hint = "Put a user message before it, or say it in a system message."
            yield Diagnostic(CODE, "error", document.place("messages", first), message, hint)
        if closer == "assistant":
            message = f"The assistant speaks last; newer models of {engines} refuse to go on from its words."
            hint = "End with a user message; ask there for the beginning that the answer must have."
            yield Diagnostic(CODE, "warning", document.place("messages", last), message, hint)


def _engines(subject: Subject, prompt: PromptSource) -> list[str]:
    names = {prompt.model, *(arm.model for arm in prompt.variants.values() if arm.model)}
    models = subject.catalog.models
    return sorted({models[name].engine for name in names if name in models} & USER_FIRST)


def _role(item: object) -> str:
    return item.role if isinstance(item, MessageSource) else "history"
