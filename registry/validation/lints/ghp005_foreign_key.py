"""Keys that users of GitHub's format made up look as if they did something."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP005"
TITLE = "Key that nothing reads"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: models/chat
version: 1.2.0
messages:
  - {role: user, content: Greet me.}
""",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: user, content: Greet me.}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each key of a GitHub file that is neither GitHub's nor ours, or whose value fits neither."""
    yield from told(subject, "key", CODE)
