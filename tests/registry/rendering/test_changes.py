from __future__ import annotations

import pytest
from support.content import FILES, MODEL, TRIAGE, catalog, write

from registry.rendering.changes import Change, compare, message_texts
from registry.rendering.resolve import resolve

PROMPT = "prompts/support/triage.prompt.yaml"


def changes(tmp_path, **edited):
    base, head = catalog(write(tmp_path / "base")), catalog(write(tmp_path / "head", **edited))
    return compare(resolve(base), resolve(head), (base.prompts, head.prompts))


def test_equal_content_has_no_changes(tmp_path):
    assert changes(tmp_path) == ()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("prompts/partials/tone.md", "Be brisk.\n", ("partial partials/tone.md",)),
        (PROMPT, TRIAGE.replace("You route", "You sort"), ("message rules",)),
        (PROMPT, TRIAGE.replace("owner: support", "owner: bank"), ("owner support → bank",)),
        (PROMPT, TRIAGE.replace("Routes one", "Routes a"), ("description",)),
        (PROMPT, TRIAGE.replace("maxLength: 8000", "maxLength: 90"), ("inputs.ticket.maxLength 8000 → 90",)),
        (PROMPT, TRIAGE.replace("One of:", "Any of:"), ("variant short",)),
        (
            PROMPT,
            TRIAGE.replace("role: user", "role: assistant"),
            ("message 2 user", "message 2 assistant"),
        ),
    ],
)
def test_the_reasons_name_what_moved(tmp_path, path, text, expected):
    (change,) = changes(tmp_path, **{path: text})
    assert change.id == "support/triage"
    assert change.reasons == expected


def test_a_model_that_moved_is_named_at_the_prompts_that_use_it(tmp_path):
    found = changes(tmp_path, **{"prompts/models/chat.model.yaml": MODEL.replace("50", "60")})
    assert found[0].reasons == ("model models/chat",)
    assert found[1] == Change("changed", "model", "models/chat", ("parameters.maxTokens 50 → 60",))


def test_without_the_sources_a_message_with_another_partial_counts_as_changed(tmp_path):
    base = resolve(catalog(write(tmp_path / "base")))
    head = resolve(catalog(write(tmp_path / "head", **{"prompts/partials/tone.md": "Be brisk.\n"})))
    assert compare(base, head)[0].reasons == ("partial partials/tone.md", "message rules")


def test_a_message_that_changed_beside_its_partial_is_named_too(tmp_path):
    edited = {"prompts/partials/tone.md": "Be brisk.\n", PROMPT: TRIAGE.replace("You route", "You sort")}
    assert changes(tmp_path, **edited)[0].reasons == ("partial partials/tone.md", "message rules")


def test_another_model_is_told_with_the_one_before(tmp_path):
    edited = {PROMPT: TRIAGE.replace("models/chat", "models/big"), "prompts/models/big.model.yaml": MODEL}
    assert changes(tmp_path, **edited)[0].reasons == ("model models/chat → models/big",)


def test_a_variant_that_comes_and_goes_is_told(tmp_path):
    (change,) = changes(tmp_path, **{PROMPT: TRIAGE.partition("variants:")[0]})
    assert change.reasons == ("variant short removed",)


def test_a_long_list_of_leaves_is_cut_and_counted(tmp_path):
    settings = ", ".join(
        f"{name}: 1" for name in ("temperature", "topP", "seed", "maxTokens", "a", "b", "c", "d")
    )
    found = changes(tmp_path, **{"prompts/models/chat.model.yaml": MODEL.replace("maxTokens: 50", settings)})
    assert len(found[1].reasons) == 7
    assert found[1].reasons[-1] == "2 more"


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
