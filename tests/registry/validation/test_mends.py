"""A broken rule is mended only where one thing can have been meant."""

from __future__ import annotations

import pytest

from registry.authoring.parse import read_yaml
from registry.validation import schema
from registry.validation.fix import edited

PROMPT = """\
promptyard: 1
model: models/chat
messages:
  - {role: user, content: Hello.}
"""


def mended(text: str) -> str | None:
    document, _ = read_yaml("a.prompt.yaml", text.encode())
    assert document is not None
    (finding,) = schema.check(document, "prompt.schema.json")
    return None if finding.fix is None else edited(text, finding.fix.edits)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("modle: models/chat", "model: models/chat"),
        ("model: models/chat\nownr: a # b", "model: models/chat\nowner: a # b"),
        ("model: models/chat\nversion_: 1.10\n", None),
        ("model: models/chat\ndescription: 1.10", 'model: models/chat\ndescription: "1.10"'),
        ("model: models/chat\ndescription: [a]", None),
    ],
)
def test_keys_and_values_with_one_meaning(wrong, right):
    text = PROMPT.replace("model: models/chat", wrong)
    assert mended(text) == (right and PROMPT.replace("model: models/chat", right))


def test_a_word_with_a_slip_in_it():
    assert mended(PROMPT.replace("role: user", "role: usr")) is None  # too short to be sure of
    assert mended(PROMPT.replace("role: user", "role: asistant")) == PROMPT.replace(
        "role: user", "role: assistant"
    )


def test_a_key_that_is_there_under_another_spelling_is_not_missed_too():
    document, _ = read_yaml("a.prompt.yaml", PROMPT.replace("model:", "modle:").encode())
    assert document is not None
    messages = [finding.message for finding in schema.check(document, "prompt.schema.json")]
    assert messages == ["modle is not a known key here."]
