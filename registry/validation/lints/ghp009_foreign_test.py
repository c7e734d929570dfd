"""An evaluator that no reader knows looks like a test and never fails."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP009"
TITLE = "Test data or evaluator that is not ours"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: user, content: "Greet {{name}}."}
testData:
  - {name: Ada}
evaluators:
  - {name: greets, regex: "Hello|Hi"}
""",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: user, content: "Greet {{name}}."}
testData:
  - {name: Ada}
evaluators:
  - {name: greets, string: {matches: "Hello|Hi"}}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each piece of test data and each evaluator that is left out or read in another way."""
    yield from told(subject, "test", CODE)
