from __future__ import annotations

import pytest
from support.content import FILES, MODEL, TRIAGE, catalog, write

from registry.rendering.changes import Change, compare, message_texts
from registry.rendering.resolve import resolve

PROMPT = "prompts/support/triage.prompt.yaml"


def changes(tmp_path, **edited):
    base = resolve(catalog(write(tmp_path / "base")))
    head = resolve(catalog(write(tmp_path / "head", **edited)))
    return compare(base, head)


def test_equal_content_has_no_changes(tmp_path):
    assert changes(tmp_path) == ()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("prompts/partials/tone.md", "Be brisk.\n", ("partial partials/tone.md", "message rules")),
        (PROMPT, TRIAGE.replace("You route", "You sort"), ("message rules",)),
        (PROMPT, TRIAGE.replace("owner: support", "owner: bank"), ("owner",)),
        (PROMPT, TRIAGE.replace("One of:", "Any of:"), ("variant short",)),
        (
            PROMPT,
            TRIAGE.replace("role: user", "role: assistant"),
            ("message 2 user", "message 2 assistant", "variant short"),
        ),
    ],
)
def test_the_reasons_name_what_moved(tmp_path, path, text, expected):
    (change,) = changes(tmp_path, **{path: text})
    assert change.id == "support/triage"
    assert change.reasons[: len(expected)] == expected


def test_a_model_that_moved_is_named_at_the_prompts_that_use_it(tmp_path):
    found = changes(tmp_path, **{"prompts/models/chat.model.yaml": MODEL.replace("50", "60")})
    assert found[0].reasons[0] == "model models/chat"
    assert found[1] == Change("changed", "model", "models/chat", ("parameters",))


def test_added_and_removed_entries_are_told_apart(tmp_path):
    moved = {name.replace("triage.prompt", "route.prompt"): text for name, text in FILES.items()}
    base = resolve(catalog(write(tmp_path / "base")))
    head = resolve(catalog(write(tmp_path / "head", moved)))
    assert [(c.what, c.id) for c in compare(base, head)] == [
        ("added", "support/route"),
        ("removed", "support/triage"),
    ]


def test_messages_go_by_id_or_by_role_and_position(tmp_path):
    prompt = resolve(catalog(write(tmp_path))).prompts["support/triage"]
    assert list(message_texts(prompt.messages)) == ["rules", "2 user"]
