from __future__ import annotations

import pytest
from support.content import TRIAGE, catalog, write

from registry.errors import NotClean
from registry.rendering.resolve import resolve
from serve.core.bundle import pack, unpack
from serve.core.digest import sha256

PROMPT = "prompts/support/triage.prompt.yaml"


def resolved(root):
    return resolve(catalog(root)).prompts["support/triage"]


def test_partials_are_in_place_and_remembered_by_digest(tmp_path):
    prompt = resolved(write(tmp_path))
    assert prompt.messages[0].content[0].text.startswith("You route tickets.\nBe calm.\n{% for")
    assert prompt.includes == {"partials/tone.md": sha256(b"Be calm.\n")}


def test_a_variant_is_whole(tmp_path):
    variant = resolved(write(tmp_path)).variants["short"]
    assert [item.content[0].text for item in variant.messages] == [
        "One of: {{ teams | join(', ') }}.",
        "{{ ticket }}\n",
    ]
    assert variant.model.id == "models/chat"


def test_long_prose_may_lie_in_a_file(tmp_path):
    text = TRIAGE.replace("content: |\n      {{ ticket }}", "content: {file: prose/ask.md}")
    prompt = resolved(write(tmp_path, **{PROMPT: text, "prompts/prose/ask.md": "Ticket: {{ ticket }}\n"}))
    assert prompt.messages[1].content[0].text == "Ticket: {{ ticket }}\n"
    assert "prose/ask.md" in prompt.includes


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("prompts/partials/tone.md", "Be brisk.\n"),
        ("prompts/models/chat.model.yaml", "promptyard: 1\nengine: openai\nmodel: other\n"),
    ],
)
def test_the_digest_moves_with_everything_that_the_prompt_rests_on(tmp_path, path, text):
    before = resolve(catalog(write(tmp_path))).manifest
    after = resolve(catalog(write(tmp_path, **{path: text}))).manifest
    name = "prompts/support/triage.json"
    assert {e.path: e.sha256 for e in before.entries}[name] != {e.path: e.sha256 for e in after.entries}[name]


def test_a_file_that_no_prompt_rests_on_moves_nothing(tmp_path):
    before = resolve(catalog(write(tmp_path))).manifest
    after = resolve(catalog(write(tmp_path, **{"prompts/README.md": "hello"}))).manifest
    assert before.content_sha256 == after.content_sha256


def test_an_unknown_reference_is_refused(tmp_path):
    with pytest.raises(NotClean, match="no model models/chta"):
        resolved(write(tmp_path, **{PROMPT: TRIAGE.replace("models/chat", "models/chta")}))


def test_a_missing_partial_is_refused(tmp_path):
    with pytest.raises(NotClean, match=r"partials/tnoe\.md"):
        resolved(write(tmp_path, **{PROMPT: TRIAGE.replace("tone.md", "tnoe.md")}))


def test_what_was_resolved_survives_packing(tmp_path):
    made = resolve(catalog(write(tmp_path)), release=3)
    assert unpack(pack(made)) == made
