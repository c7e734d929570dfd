"""A partial outside the content folder, in a circle or with a computed name cannot be released."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "TPL003"
TITLE = "Include not allowed"
LESSON = Lesson(
    "error",
    """\
messages:
  - {role: user, content: '{% include "../tone.md" %}'}
""",
    """\
# partials/tone.md
Be calm.
# answer.prompt.yaml
inputs: {}
messages:
  - {role: user, content: '{% include "partials/tone.md" %}'}
""",
    firm="a release cannot hold what lies outside the content folder",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each include that is refused for another reason than a missing file."""
    for broken in subject.broken:
        error = broken.error
        if error is not None and not error.missing:
            message = f"The include {error.name} {error.problem}.".replace("  ", " ")
            hint = 'Write {% include "partials/name.md" %} with a path below the content folder.'
            yield Diagnostic(CODE, "error", broken.place, message, hint)
