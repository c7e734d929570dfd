from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core.model import CallingMessage, ChatMessage, ContentPart, Tool, ToolCall, ToolMessage
from serve.guard_ml.chat_template import ChatTemplate, TemplateProblem, read_chat_template

CHATML = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
TALK = (ChatMessage("system", "Be brief."), ChatMessage("user", " Hello \n"))


def text_of(template: str, *messages: ChatMessage, **tokens: str) -> str:
    return "".join(segment.text for segment in ChatTemplate(template, tokens).segments(messages))


def test_contents_are_kept_apart_from_the_templates_own_words() -> None:
    segments = ChatTemplate(CHATML).segments(TALK)
    assert [s.text for s in segments if not s.trusted] == ["Be brief.", " Hello \n"]
    assert "".join(s.text for s in segments) == (
        "<|system|>\nBe brief.<|end|>\n<|user|>\n Hello \n<|end|>\n<|assistant|>\n"
    )


def test_a_template_that_trims_trims_the_contents() -> None:
    trimming = "{% for m in messages %}[{{ m.content | trim }}]{% endfor %}"
    assert text_of(trimming, *TALK) == "[Be brief.][Hello]"


@given(st.text())
def test_a_content_never_reaches_the_template(content: str) -> None:
    looking = "{% for m in messages %}{{ 'x' if 'secret' in m.content else 'y' }}{{ m.content }}{% endfor %}"
    segments = ChatTemplate(looking).segments([ChatMessage("user", f"secret{content}")])
    assert [s.text for s in segments] == ["y", f"secret{content}"]


def test_an_empty_message_is_seen_as_empty() -> None:
    asking = "{% for m in messages %}{% if m.content %}({{ m.content }}){% else %}-{% endif %}{% endfor %}"
    assert text_of(asking, ChatMessage("user", ""), ChatMessage("user", "a")) == "-(a)"


def test_a_message_that_the_template_leaves_out_is_refused() -> None:
    with pytest.raises(TemplateProblem, match=r"leaves out message 1 \(system\)"):
        text_of("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", *TALK)


def test_a_template_may_refuse_and_its_reason_is_told() -> None:
    with pytest.raises(TemplateProblem, match="no system role"):
        text_of("{{ raise_exception('no system role') }}", *TALK)


def test_a_picture_is_refused() -> None:
    picture = ChatMessage("user", (ContentPart("https://example.org/a.png", "image"),))
    with pytest.raises(TemplateProblem, match="kind image"):
        text_of(CHATML, picture)


def test_without_a_template_contents_become_paragraphs() -> None:
    template = ChatTemplate(None)
    assert template.plain
    assert [s.text for s in template.segments(TALK)] == ["Be brief.\n\n Hello \n"]


def test_tools_and_special_tokens_are_at_hand() -> None:
    tool = Tool("tools/a", "look", "Looks.", {"type": "object"})
    template = ChatTemplate(
        "{{ bos_token }}{{ tools | tojson }}{{ messages[0].content }}", {"bos_token": "<s>"}
    )
    first, *_ = template.segments([ChatMessage("user", "hi")], [tool])
    assert json.loads(first.text.removeprefix("<s>"))[0]["function"]["name"] == "look"


def test_the_day_is_fixed_so_that_prompts_do_not_change_overnight() -> None:
    assert (
        text_of("{{ strftime_now('%Y-%m-%d') }}{{ messages[0].content }}", TALK[0]) == "2024-07-26Be brief."
    )


def test_a_template_cannot_leave_its_sandbox() -> None:
    with pytest.raises(TemplateProblem, match="refuses"):
        text_of("{{ ''.__class__.__mro__[1].__subclasses__() }}{{ messages[0].content }}", TALK[0])


@pytest.mark.parametrize("place", ["chat_template.jinja", "tokenizer_config.json", "list"])
def test_the_template_is_read_from_where_models_keep_it(place: str, tmp_path: Path) -> None:
    config: dict[str, object] = {"eos_token": {"content": "<|end|>"}}
    source = "{{ messages[0].content }}{{ eos_token }}"
    if place == "chat_template.jinja":
        (tmp_path / place).write_text(source)
    else:
        named = [{"name": "tool_use", "template": "x"}, {"name": "default", "template": source}]
        config["chat_template"] = named if place == "list" else source
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    segments = read_chat_template(tmp_path).segments([ChatMessage("user", "hi")])
    assert "".join(s.text for s in segments) == "hi<|end|>"


def test_a_broken_template_is_a_value_error(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_text("{% for %}")
    with pytest.raises(ValueError, match="chat template is broken"):
        read_chat_template(tmp_path)


@pytest.mark.parametrize(
    "message",
    [
        CallingMessage("assistant", "", (ToolCall("c1", "lookup", {}),)),
        ToolMessage("tool", "sent", "c1"),
    ],
)
def test_calls_of_tools_in_a_history_are_refused_and_never_dropped(message):
    for template in (ChatTemplate(None), ChatTemplate("{% for m in messages %}{{ m.content }}{% endfor %}")):
        with pytest.raises(TemplateProblem, match="takes no calls of tools"):
            template.segments([ChatMessage("user", "hi"), message])
