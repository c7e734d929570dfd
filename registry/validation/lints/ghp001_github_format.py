"""Without our header a prompt file is GitHub's, where only {{name}} is filled in and all else is text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP001"
TITLE = "File in GitHub's format"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yaml
model: models/chat
messages:
  - {role: user, content: Greet me.}
""",
    """\
# greet.prompt.yaml
promptyard: 1
model: models/chat
messages:
  - {role: user, content: Greet me.}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt file without ``promptyard: 1``; for information where the suffix is GitHub's."""
    for finding in told(subject, "format", CODE):
        meant = finding.place.path.endswith(".yml")
        yield replace(finding, level="info") if meant else finding
