"""GitHub fills in {{name}} and takes all else as text; who writes a loop there sees it in the answer, not run."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP006"
TITLE = "Template code taken as text"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: user, content: "Greet me{% if formal %}, please{% endif %}."}
""",
    """\
# greet.prompt.yaml
promptyard: 1
model: models/chat
inputs:
  formal: {type: boolean}
messages:
  - {role: user, content: "Greet me{% if formal %}, please{% endif %}."}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each piece of template code in a GitHub file, and each variable written with spaces."""
    yield from told(subject, "text", CODE)
