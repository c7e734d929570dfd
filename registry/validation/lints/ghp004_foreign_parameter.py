"""The two readers of GitHub's files disagree on the names of parameters, and a name that is not known is dropped there."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP004"
TITLE = "Parameter of another name"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: models/chat
modelParameters: {max_tokens: 100}
messages:
  - {role: user, content: Greet me.}
""",
    """\
# greet.prompt.yml
model: models/chat
modelParameters: {maxTokens: 100}
messages:
  - {role: user, content: Greet me.}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each parameter that is called otherwise here, is no number, or is not known."""
    yield from told(subject, "parameter", CODE)
