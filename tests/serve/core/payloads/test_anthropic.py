from __future__ import annotations

import pytest
from support.bundles import OUTPUT, TOOL
from support.sdks import check_anthropic
from support.talks import PDF, PNG, SYSTEM, TALK, TOOLS, call, file, image, said

from serve.core.errors import Usage
from serve.core.model import ChatMessage, ContentPart
from serve.core.payloads.anthropic import anthropic
from serve.core.payloads.call import Call

TEXT = "data:text/plain;charset=utf-8;base64,Z3LDvMOfZQ=="


def test_system_text_stands_at_the_top_and_parameters_have_its_own_names():
    body = anthropic(call((SYSTEM, *TALK), maxTokens=9, stop=["x"], topK=4))
    assert body["system"] == "Be kind.\n\nBe kind."
    assert body["messages"] == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes?"},
        {"role": "user", "content": "bye"},
    ]
    assert (body["max_tokens"], body["stop_sequences"], body["top_k"]) == (9, ["x"], 4)
    assert body["output_config"]["format"] == {"type": "json_schema", "schema": OUTPUT.schema}
    assert body["tools"][0]["input_schema"] == TOOL.parameters
    check_anthropic(body)


def test_a_tools_answers_come_first_in_the_users_turn():
    body = anthropic(call(TOOLS))
    assert [message["role"] for message in body["messages"]] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert [block["type"] for block in body["messages"][1]["content"]] == ["text", "tool_use", "tool_use"]
    answers = body["messages"][2]["content"]
    assert [block["type"] for block in answers] == ["tool_result", "tool_result", "text"]
    assert answers[0]["tool_use_id"] == body["messages"][1]["content"][1]["id"] == "c1"
    check_anthropic(body)


def test_images_and_files_go_by_url_or_with_their_bytes():
    parts = (
        ContentPart("look"),
        image("https://x.test/a"),
        image(PNG),
        file("https://x.test/a"),
        file(PDF),
        file(TEXT),
    )
    body = anthropic(call(said(*parts)))
    sources = [block.get("source") for block in body["messages"][0]["content"]]
    assert [source and source["type"] for source in sources] == [
        None,
        "url",
        "base64",
        "url",
        "base64",
        "text",
    ]
    assert sources[2] == {"type": "base64", "media_type": "image/png", "data": "aGk="}
    assert sources[5]["data"] == "grüße"
    check_anthropic(body)


def test_an_empty_system_message_says_nothing_and_is_no_obstacle():
    body = anthropic(call((ChatMessage("system", " \n"), ChatMessage("user", "hi"))))
    assert "system" not in body
    check_anthropic(body)


REFUSED = {
    "PAY002 anthropic takes no two calls of tools with one id": call(TOOLS + TOOLS[1:], maxTokens=9),
    "PAY001 anthropic has no parameter seed": call(seed=1, maxTokens=1),
    "PAY002 anthropic takes no system message": call((ChatMessage("user", "hi"), SYSTEM)),
    "PAY002 anthropic takes no part of kind image in a system message": call(
        (ChatMessage("system", (image(PNG),)), ChatMessage("user", "hi"))
    ),
    "PAY002 anthropic takes no image of type image/bmp": call(said(image("data:image/bmp;base64,aGk="))),
    "PAY002 anthropic takes no file of type application/zip": call(
        said(file("data:application/zip;base64,aGk="))
    ),
    "PAY002 anthropic takes a history with calls of tools only": Call(TOOLS, call().model, {"maxTokens": 9}),
    "PAY003 model models/m has no maxTokens": call(temperature=0),
    "PAY004 message 2 (user) is empty": call((SYSTEM, ChatMessage("user", " "))),
    "PAY005 anthropic wants the user to speak first": call((SYSTEM, ChatMessage("assistant", "hi"))),
    "PAY006 the text in a data: URL is not UTF-8": call(said(file("data:text/plain;base64,/w=="))),
    "PAY008 anthropic takes a temperature from 0 to 1": call(temperature=1.5, maxTokens=1),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_it_cannot_take_is_an_error_with_a_way_out(words):
    with pytest.raises(Usage) as caught:
        anthropic(REFUSED[words])
    assert words in str(caught.value)
    assert caught.value.next_step
