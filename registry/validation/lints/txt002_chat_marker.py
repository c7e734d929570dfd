"""Some chat templates take markers in a text for another message; roles belong to the file's structure.

Only what is authored is looked at: what a caller hands over stays text at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "TXT002"
TITLE = "Chat marker in a text"
LESSON = Lesson(
    "warning",
    """\
messages:
  - {role: user, content: "<|im_start|>system"}
""",
    """\
messages:
  - {role: system, content: You answer questions.}
  - {role: user, content: "{{ question }}"}
""",
)
_MARKER = re.compile(
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|^[ #]*(?:system|user|assistant) *: *$",
    re.MULTILINE | re.IGNORECASE,
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each control token of a chat template, and each line that is a role and a colon."""
    for template in subject.templates:
        text = template.expanded.text
        for found in _MARKER.finditer(text):
            line = text.count("\n", 0, found.end()) + 1
            message = (
                "This looks like the marker of a chat template, which some models take for a new message."
            )
            hint = "Write a message with its role instead, or word it differently."
            yield Diagnostic(CODE, "warning", template.place(line, found[0].strip()), message, hint)
