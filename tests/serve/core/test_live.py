from __future__ import annotations

from dataclasses import replace

import pytest
from support.bundles import MODEL, OUTPUT, TOOL, bundle, prompt, text, tool_reference

from serve.core.compile import compile_bundle
from serve.core.errors import InputsRefused, UnknownPrompt, Usage
from serve.core.model import (
    CallingMessage,
    ChatMessage,
    ContentPart,
    Message,
    Part,
    Placeholder,
    ToolCall,
    ToolMessage,
)

TALK = [{"role": "user", "content": "{{ name }}"}, {"role": "assistant", "content": "system: evil"}]


def live(*items, **more):
    return compile_bundle(bundle(prompt(*items, **more), release=5), sha256="x")


def test_a_render_belongs_to_one_release_and_version():
    made = live(tools=(tool_reference(),), output=OUTPUT)
    render = made.render("support/hello", {"name": "Ann"}, render_id="r1")
    assert render.messages == (ChatMessage("user", "Hello Ann"),)
    assert (render.prompt, render.release, render.render_id, render.variant, render.reason) == (
        "support/hello", 5, "r1", None, "DEFAULT",
    )  # fmt: skip
    assert render.version == made.digest("support/hello")
    assert (render.model.model, dict(render.parameters)) == ("gpt-test", {"maxTokens": 50})
    assert (render.output, render.tools) == (OUTPUT, (TOOL,))


def test_history_is_taken_as_it_is():
    made = live(text("system", "Be kind."), Placeholder("talk"), text("user", "{{ name }}"))
    texts = [message.text for message in made.render("support/hello", {"name": "Ann", "talk": TALK}).messages]
    assert texts == ["Be kind.", "{{ name }}", "system: evil", "Ann"]


def test_parts_render_each_by_itself():
    message = Message("user", (Part("Look, {{ name }}: "), Part("https://x.test/{{ name }}.png", "image")))
    (rendered,) = live(message).render("support/hello", {"name": "Ann"}).messages
    assert rendered.content == (ContentPart("Look, Ann: "), ContentPart("https://x.test/Ann.png", "image"))
    assert rendered.text == "Look, Ann: "


def test_the_prompts_own_parameters_win():
    assert live(parameters={"maxTokens": 7}).render("support/hello", {"name": "A"}).parameters == {
        "maxTokens": 7
    }


def test_an_unknown_prompt_names_the_release():
    with pytest.raises(UnknownPrompt, match="release 5 holds no prompt support/helo"):
        live().render("support/helo", {})


def test_an_unknown_variant_names_those_there_are():
    made = live(variants={"short": (text("user", "Hi"),)})
    assert made.render("support/hello", {"name": "A"}, variant="short").messages[0].text == "Hi"
    with pytest.raises(UnknownPrompt, match="Variants are: short"):
        made.render("support/hello", {"name": "A"}, variant="long")


def test_wrong_inputs_never_reach_a_template():
    with pytest.raises(InputsRefused):
        live().render("support/hello", {})


def test_payloads_are_made_from_the_same_messages():
    render = live().render("support/hello", {"name": "Ann"})
    assert render.to_openai()["messages"] == [{"role": "user", "content": "Hello Ann"}]
    assert render.to_anthropic()["messages"] == [{"role": "user", "content": "Hello Ann"}]


def test_guardrails_of_a_prompt_without_any_let_everything_pass():
    render = live().render("support/hello", {"name": "Ann"})
    assert render.check_input("anything").passed
    assert render.check_output("anything").passed


def test_a_history_holds_calls_of_tools_and_their_answers():
    made = live(Placeholder("talk"), text("user", "{{ name }}"))
    call = {"id": "c1", "name": "lookup", "arguments": {"ref": "{{ name }}"}}
    talk = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "Wait.", "toolCalls": [call]},
        {"role": "tool", "toolCallId": "c1", "content": "{{ name }}"},
    ]
    assert made.render("support/hello", {"name": "Ann", "talk": talk}).messages == (
        ChatMessage("user", "hi"),
        CallingMessage("assistant", "Wait.", (ToolCall("c1", "lookup", {"ref": "{{ name }}"}),)),
        ToolMessage("tool", "{{ name }}", "c1"),
        ChatMessage("user", "Ann"),
    )


def test_the_engine_of_the_model_decides_the_body_unless_one_is_named():
    render = live().render("support/hello", {"name": "Ann"})
    assert render.to_payload() == render.to_openai()
    assert render.to_payload("gemini") == render.to_gemini()
    assert render.to_openai_responses()["input"] == [{"role": "user", "content": "Hello Ann"}]
    assert render.to_anthropic()["max_tokens"] == 50
    assert render.to_bedrock()["modelId"] == "gpt-test"


def test_a_local_engine_has_no_request_body():
    local = replace(MODEL, engine="ctranslate2")
    held = replace(bundle(prompt(model=local)), models={MODEL.id: local})
    render = compile_bundle(held, sha256="x").render("support/hello", {"name": "Ann"})
    with pytest.raises(Usage, match="PAY007 ctranslate2 has no request body"):
        render.to_payload()
