"""Each template is expanded and examined once, and every line of it knows its place."""

from __future__ import annotations

import pytest
from support.content import MODEL, catalog, write

from registry.validation.subject import subject_of

PROMPT = """\
promptyard: 1
model: models/chat
inputs: {name: {type: string, maxLength: 9}}
messages:
  - id: rules
    role: system
    content: |
      One.
      {% include "partials/tone.md" %}
      Three {{ name }}.
  - history: talk
  - id: look
    role: user
    content:
      - text: "Look, {{ name }}."
      - image: "{{ name }}"
  - {role: user, content: {file: long.md}}
variants:
  short:
    messages:
      rules: "{{ name }}"
      nothing: Odd.
"""
FILES = {
    "prompts/a.prompt.yaml": PROMPT,
    "prompts/models/chat.model.yaml": MODEL,
    "prompts/partials/tone.md": "Be calm.\n  Be {{ name }}.\n",
    "prompts/long.md": "Long.\n{% include 'partials/tone.md' %}\nAs {{ name }}.\n",
    "prompts/a.suite.yaml": "promptyard: 1\nprompt: a\n",
    "prompts/odd.suite.yaml": "- 1\n",
}


@pytest.fixture
def subject(tmp_path):
    return subject_of(catalog(write(tmp_path, FILES)), None)


def test_every_text_of_a_prompt_is_a_template_with_its_role(subject):
    assert [(each.site.arm, each.site.steps, each.site.role) for each in subject.templates] == [
        ("", ("messages", 0, "content"), "system"),
        ("", ("messages", 2, "content", 0, "text"), "user"),
        ("", ("messages", 2, "content", 1, "image"), "user"),
        ("", ("messages", 3, "content", "file"), "user"),
        ("short", ("variants", "short", "messages", "rules"), "system"),
        ("short", ("variants", "short", "messages", "nothing"), "user"),
    ]
    assert subject.whole("a")
    assert not subject.whole("b")


@pytest.mark.parametrize(
    ("index", "line", "place"),
    [
        (0, 1, "prompts/a.prompt.yaml:8:7"),
        (0, 3, "prompts/partials/tone.md:2:9"),
        (0, 4, "prompts/a.prompt.yaml:10:16"),
        (1, 1, "prompts/a.prompt.yaml:15:25"),
        (3, 3, "prompts/partials/tone.md:2:9"),
        (3, 4, "prompts/long.md:3:7"),
        (4, 1, "prompts/a.prompt.yaml:21:18"),
    ],
)
def test_a_line_is_told_where_it_was_written(subject, index, line, place):
    assert str(subject.templates[index].place(line, "name")) == place


def test_the_prompts_of_suites_are_read_and_odd_suites_passed_over(subject):
    assert subject.suites == {"a": "a"}


def test_a_prompt_in_an_ill_formed_file_has_no_templates(tmp_path):
    subject = subject_of(catalog(write(tmp_path, FILES)), None, {"prompts/a.prompt.yaml"})
    assert subject.templates == ()


def test_a_template_that_lacks_a_file_is_set_aside(tmp_path):
    root = write(tmp_path, FILES)
    (root / "prompts/long.md").unlink()
    (root / "prompts/partials/tone.md").write_text("{% include 'partials/gone.md' %}\n")
    subject = subject_of(catalog(root), None)
    assert [str(broken.place) for broken in subject.broken] == [
        "prompts/partials/tone.md:1:1",
        "prompts/a.prompt.yaml:17:28",
    ]
    assert not subject.whole("a")
