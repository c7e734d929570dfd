"""A role under another name, or a message without text, is taken by one provider and refused by the next."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP008"
TITLE = "Role or message that is not ours"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: developer, content: Be brief.}
  - {role: user, content: Greet me.}
""",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: system, content: Be brief.}
  - {role: user, content: Greet me.}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each role that is called otherwise here, and each empty message."""
    yield from told(subject, "message", CODE)
