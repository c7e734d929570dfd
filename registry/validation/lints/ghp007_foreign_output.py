"""GitHub writes the answer's schema as JSON in a text, where neither an editor nor a review sees into it."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.foreign import told
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP007"
TITLE = "Shape of the answer in two keys"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: models/chat
responseFormat: json_object
messages:
  - {role: user, content: Greet me in JSON.}
""",
    """\
# greet.prompt.yaml
promptyard: 1
model: models/chat
output: {schema: {type: object, additionalProperties: false, required: [text], properties: {text: {type: string}}}}
messages:
  - {role: user, content: Greet me in JSON.}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each responseFormat and jsonSchema, with the output to write instead."""
    yield from told(subject, "output", CODE)
