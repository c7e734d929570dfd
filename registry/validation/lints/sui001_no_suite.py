"""A prompt without a suite can get worse with every edit, and no gate would notice."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "SUI001"
TITLE = "Prompt without a suite"
LESSON = Lesson(
    "warning",
    """\
# answer.suite.yaml
prompt: other
# other.prompt.yaml
promptyard: 1
owner: support
model: models/chat
messages: [{role: user, content: Hello.}]
""",
    """\
# answer.suite.yaml
prompt: answer
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt that no suite names and that carries no cases of its own."""
    tested = set(subject.suites.values())
    content = subject.catalog.settings.content
    for prompt_id, prompt in subject.catalog.prompts.items():
        if prompt_id not in tested and not prompt.has_cases:
            document = subject.document("prompt", prompt_id)
            suite = f"{content}/{prompt_id}.suite.yaml"
            message = "No suite tests this prompt."
            yield Diagnostic(CODE, "warning", document.place(), message, f"Add {suite} with a few cases.")
