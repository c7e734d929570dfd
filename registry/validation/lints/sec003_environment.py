"""Environment variables are not read into files: what looks like one reaches the model as it stands.

Formats that do fill them in have sent a service's keys to strangers' endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from registry.diagnostics import Diagnostic, Place
from registry.settings import FILE
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "SEC003"
TITLE = "Environment variable in a file"
LESSON = Lesson(
    "error",
    """\
messages:
  - {role: system, content: "You are ${env:BOT_NAME}."}
  - {role: user, content: "{{ question }}"}
""",
    """\
inputs:
  bot: {type: string, maxLength: 40}
  question: {type: string, maxLength: 500, trust: user}
messages:
  - {role: system, content: "You are {{ bot }}."}
  - {role: user, content: "{{ question }}"}
""",
)
_ENVIRONMENT = re.compile(r"\$\{\s*(?i:env)\b[^}]*\}|\$\{[A-Z][A-Z0-9_]*\}")
_KINDS = ("prompt", "model", "tool")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each ``${env:NAME}`` and ``${NAME}``."""
    for path, text in dict(_texts(subject)).items():
        if "${" not in text:
            continue
        for number, row in enumerate(text.split("\n"), 1):
            if path.endswith(".yaml") and row.lstrip().startswith("#"):
                continue
            for found in _ENVIRONMENT.finditer(row):
                message = "An environment variable is not read here; this would reach the model as it stands."
                hint = (
                    "Keep keys and endpoints in the service, and declare what the prompt needs under inputs."
                )
                yield Diagnostic(CODE, "error", Place(path, number, found.start() + 1), message, hint)


def _texts(subject: Subject) -> Iterator[tuple[str, str]]:
    for kind in _KINDS:
        for document in subject.catalog.documents[kind].values():
            yield document.path, document.source
    with suppress(FileNotFoundError):
        yield FILE, subject.catalog.tree.read(FILE).decode("utf-8", "replace")
    for template in subject.templates:
        for name, text in template.expanded.partials.items():
            yield f"{template.content}/{name}", text
        if template.site.file:
            yield f"{template.content}/{template.site.file}", template.source
