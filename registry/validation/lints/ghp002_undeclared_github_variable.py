"""GitHub declares no variables, so nothing says how long a value may be; one caller could fill the context."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP002"
TITLE = "Variable that GitHub does not declare"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: user, content: "Greet {{name}}."}
""",
    """\
# greet.prompt.yaml
promptyard: 1
model: models/chat
inputs:
  name: {type: string, maxLength: 200}
messages:
  - {role: user, content: "Greet {{ name }}."}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each GitHub file with variables that it does not declare, with the inputs to write."""
    yield from told(subject, "inputs", CODE)
