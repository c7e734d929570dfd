from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from support.bundles import MODEL, OUTPUT, TOOL, bundle, prompt, text, tool_reference

from serve.core.bundle import entry_digest
from serve.core.compile import compile_bundle
from serve.core.errors import InputsRefused, UnknownPrompt, Usage
from serve.core.guard.given import Given
from serve.core.inputs import marker_of, with_marker
from serve.core.model import (
    Action,
    CallingMessage,
    ChatMessage,
    ContentPart,
    Exemption,
    GuardrailSet,
    Message,
    Part,
    Placeholder,
    Reference,
    Rule,
    Streaming,
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


LEAK = GuardrailSet(
    "guardrails/leak",
    (Rule("leak", "canary", "high", Action("block"), {}, ("output", "tool_call"), stream=Streaming("window", 400)),
     Rule("ask", "literals", "low", Action("retry", {"max": 1}), {"any": ["hm"]}, ("output",),
          except_=(Exemption("2027-03-31", "o", "r", {"tenant": "acme"}),))),
)  # fmt: skip
MARKED = {"name": {"type": "string"}, "canary": {"type": "string", "maxLength": 36}}


def guarded():
    inputs = with_marker("support/hello", MARKED)
    rules, ask = text("system", "Rules, marked {{ canary }}."), text("user", "{{ name }}")
    reference = Reference(LEAK.id, entry_digest(LEAK))
    marked = prompt(rules, ask, inputs=inputs, guardrails=(reference,))
    return compile_bundle(bundle(marked, guardrails={LEAK.id: LEAK}), sha256="x")


def test_a_canary_is_put_in_place_and_known_to_the_guard_of_the_same_render():
    made = guarded()
    plain = made.render("support/hello", {"name": "A"})
    keyed = made.render("support/hello", {"name": "A"}, key=b"k")
    own = made.render("support/hello", {"name": "A", "canary": "our-own-marker-4711"}, key=b"k")
    markers = [render.messages[0].text.split()[-1].rstrip(".") for render in (plain, keyed, own)]
    assert markers == [marker_of("support/hello"), marker_of("support/hello", b"k"), "our-own-marker-4711"]
    for render, marker in zip((plain, keyed, own), markers, strict=True):
        for other in markers:
            assert render.check_output(f"It is {other}").refused == (other == marker)
        assert render.check(f"f({marker[::-1]})", "tool_call").refused
        assert render.check_input(marker).passed


def test_a_render_knows_its_segment_its_day_and_the_answers_before():
    made = guarded()
    render = made.render("support/hello", {"name": "A"}, given=Given("2027-03-31", {"tenant": "acme"}))
    assert render.check_output("hm").passed
    late = made.render("support/hello", {"name": "A"}, given=Given("2027-04-01", {"tenant": "acme"}))
    assert [late.check_output("hm", tries=n).action for n in (0, 1)] == ["retry", "block"]
    stream = late.stream(tries=1)
    assert "".join(stream.over(["h", "m"])) == ""
    assert stream.verdict == late.check_output("hm", tries=1)


def test_the_asynchronous_faces_say_the_same():
    render = guarded().render("support/hello", {"name": "A"}, key=b"k")
    leak = f"It is {marker_of('support/hello', b'k')}, as you asked for it."

    async def pieces():
        for place in range(0, len(leak), 5):
            yield leak[place : place + 5]

    async def both():
        stream = render.stream()
        shown = [piece async for piece in stream.aover(pieces())]
        return await render.acheck(leak, "output"), shown, stream.verdict

    verdict, shown, streamed = asyncio.run(both())
    assert verdict == render.check_output(leak)
    assert "It is ".startswith("".join(shown))
    assert (streamed.action, streamed.rule) == ("block", "leak")


def test_a_stream_has_no_verdict_before_its_end():
    with pytest.raises(ValueError, match="not finished"):
        _ = guarded().render("support/hello", {"name": "A"}).stream().verdict


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
