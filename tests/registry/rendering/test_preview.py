from __future__ import annotations

from support.content import catalog, write

from registry.rendering.preview import FORMS, live_of

INPUTS = {"teams": ["cards", "loans"], "ticket": "I lost my {{ card }}."}


def test_the_preview_is_what_a_service_would_send(tmp_path):
    render = live_of(catalog(write(tmp_path))).render("support/triage", INPUTS)
    assert FORMS["messages"](render) == [
        {"role": "system", "content": "You route tickets.\nBe calm.\n- cards\n- loans\n"},
        {"role": "user", "content": "I lost my {{ card }}."},
    ]
    assert FORMS["openai"](render)["model"] == "gpt-test"
    assert FORMS["anthropic"](render)["max_tokens"] == 50


def test_a_variant_renders_its_own_messages(tmp_path):
    render = live_of(catalog(write(tmp_path))).render("support/triage", INPUTS, variant="short")
    assert render.messages[0].text == "One of: cards, loans."
    assert (render.variant, render.reason) == ("short", "STATIC")
