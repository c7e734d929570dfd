from __future__ import annotations

from support.content import TRIAGE, catalog, write

from registry.authoring.history import BlamedLine, Commit
from registry.rendering.authorship import authorship

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"
OLD = Commit("a" * 40, "Ada", "a@b", "2026-01-01T00:00:00+00:00", "begin")
NEW = Commit("b" * 40, "Bo", "b@b", "2026-02-01T00:00:00+00:00", "tone")


def newest(commits):
    return max(commits, key=lambda commit: commit.at)


def blame(**newer):
    """All lines are old but those named: ``path="1 2"``."""

    def of(path):
        lines = newer.get(path.rsplit("/", 1)[-1].split(".")[0], "")
        wanted = {int(number) for number in lines.split()}
        return [BlamedLine(number, NEW if number in wanted else OLD) for number in range(1, 40)]

    return of


def test_each_line_stands_where_it_was_written(tmp_path) -> None:
    messages = authorship(catalog(write(tmp_path)), "support/triage", blame(), newest)
    rules = messages[0]
    source = TRIAGE.split("\n")
    assert [message.name for message in messages] == ["rules", "2 user", "rules (variant short)"]
    assert rules.paths == (PROMPT, TONE)
    for line in rules.lines:
        if line.path == PROMPT:
            assert source[line.line - 1].strip() == line.text.strip()
    assert [(line.text, line.line) for line in rules.lines if line.path == TONE] == [("Be calm.", 1)]


def test_the_newest_commit_of_a_partial_is_that_of_the_message(tmp_path) -> None:
    rules, user, _ = authorship(catalog(write(tmp_path)), "support/triage", blame(tone="1"), newest)
    assert rules.commit == NEW
    assert user.commit == OLD


def test_a_variant_is_attributed_to_its_own_line(tmp_path) -> None:
    line = TRIAGE.split("\n").index("    messages: {rules: \"One of: {{ teams | join(', ') }}.\"}") + 1
    short = authorship(catalog(write(tmp_path)), "support/triage", blame(triage=str(line)), newest)[2]
    assert [(each.line, each.text) for each in short.lines] == [(line, "One of: {{ teams | join(', ') }}.")]
    assert short.commit == NEW


def test_a_line_that_is_not_committed_leaves_its_message_without_a_commit(tmp_path) -> None:
    def of(path):
        if path == TONE:
            raise FileNotFoundError(path)
        return blame()(path)

    rules, user, _ = authorship(catalog(write(tmp_path)), "support/triage", of, newest)
    assert rules.commit is None
    assert user.commit == OLD


def test_prose_in_a_file_a_list_of_parts_and_a_history_have_their_lines_too(tmp_path) -> None:
    text = """\
promptyard: 1
model: models/chat
messages:
  - role: system
    content: {file: prose.md}
  - history: earlier
  - role: user
    content:
      - {text: Look at this.}
      - {image: "https://pictures.test/x.png"}
"""
    files = {PROMPT: text, "prompts/prose.md": "One.\nTwo.\n", "prompts/support/triage.suite.yaml": "x"}
    system, history, user = authorship(catalog(write(tmp_path, **files)), "support/triage", blame(), newest)
    assert [(line.path, line.line) for line in system.lines][1:] == [
        ("prompts/prose.md", 1),
        ("prompts/prose.md", 2),
    ]
    assert [(line.line, line.text) for line in history.lines] == [(6, "- history: earlier")]
    assert [(line.line, line.text) for line in user.lines][1:] == [
        (9, "Look at this."),
        (10, "https://pictures.test/x.png"),
    ]


def test_an_include_that_cannot_be_put_in_place_is_shown_as_written(tmp_path) -> None:
    broken = TRIAGE.replace("partials/tone.md", "partials/nowhere.md")
    rules = authorship(catalog(write(tmp_path, **{PROMPT: broken})), "support/triage", blame(), newest)[0]
    assert '{% include "partials/nowhere.md" %}' in [line.text for line in rules.lines]
