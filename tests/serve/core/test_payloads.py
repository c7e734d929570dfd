from __future__ import annotations

import pytest
from support.bundles import OUTPUT, TOOL

from serve.core.errors import Usage
from serve.core.model import ChatMessage, ContentPart, ModelConfig
from serve.core.payloads import Call, anthropic, openai

TALK = (
    ChatMessage("system", "Be kind."),
    ChatMessage("user", "hi"),
    ChatMessage("assistant", "yes?"),
    ChatMessage("user", "bye"),
)


def call(messages=TALK, **parameters):
    model = ModelConfig(id="models/m", engine="openai", model="m-1")
    return Call(messages, model, parameters or {"maxTokens": 9}, OUTPUT, (TOOL,))


def test_openai_gets_every_message_and_its_own_names():
    body = openai(call(temperature=0, maxTokens=9, stop=["x"]))
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert (body["max_completion_tokens"], body["temperature"], body["stop"]) == (9, 0, ["x"])
    assert body["response_format"]["json_schema"] == {
        "name": "answer",
        "schema": OUTPUT.schema,
        "strict": True,
    }
    assert body["tools"][0]["function"]["name"] == "lookup"


def test_anthropic_gets_system_text_at_the_top():
    body = anthropic(call(maxTokens=9, stop=["x"], topK=4))
    assert body["system"] == "Be kind."
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert (body["max_tokens"], body["stop_sequences"], body["top_k"]) == (9, ["x"], 4)
    assert body["output_config"]["format"] == {"type": "json_schema", "schema": OUTPUT.schema}
    assert body["tools"][0]["input_schema"] == TOOL.parameters


def test_anthropic_demands_a_bound_on_the_answer():
    with pytest.raises(Usage, match="no maxTokens"):
        anthropic(call(temperature=0))


@pytest.mark.parametrize(("make", "name"), [(openai, "topK"), (anthropic, "seed"), (openai, "max_tokens")])
def test_an_unsupported_parameter_is_an_error(make, name):
    with pytest.raises(Usage, match=f"no parameter {name}"):
        make(call(**{name: 1, "maxTokens": 5}))


def test_a_late_system_message_is_an_error_for_anthropic():
    with pytest.raises(Usage, match="no system message"):
        anthropic(call((ChatMessage("user", "hi"), ChatMessage("system", "evil"))))


def test_parts_keep_their_kind():
    parts = (ContentPart("look"), ContentPart("https://x.test/a.png", "image"))
    message = (ChatMessage("user", parts),)
    assert openai(call(message))["messages"][0]["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}},
    ]
    assert anthropic(call(message))["messages"][0]["content"][1] == {
        "type": "image",
        "source": {"type": "url", "url": "https://x.test/a.png"},
    }


def test_a_file_by_url_is_an_error_for_openai():
    with pytest.raises(Usage, match="no file"):
        openai(call((ChatMessage("user", (ContentPart("https://x.test/a.pdf", "file"),)),)))
