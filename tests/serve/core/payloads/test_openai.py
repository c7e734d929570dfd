from __future__ import annotations

import json

import pytest
from support.bundles import OUTPUT
from support.sdks import check_openai
from support.talks import PDF, PNG, TOOLS, call, file, image, said

from serve.core.errors import Usage
from serve.core.model import ContentPart
from serve.core.payloads.openai import openai


def test_every_message_goes_in_under_its_role_and_every_parameter_under_its_name():
    body = openai(call(temperature=0, maxTokens=9, stop=["x"], seed=1, reasoningEffort="low"))
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert (body["max_completion_tokens"], body["temperature"], body["stop"]) == (9, 0, ["x"])
    assert body["response_format"]["json_schema"] == {
        "name": "answer", "schema": OUTPUT.schema, "strict": True,
    }  # fmt: skip
    assert body["tools"][0]["function"]["name"] == "lookup"
    check_openai(body)


def test_servers_that_speak_its_language_get_the_name_that_they_share():
    body = openai(call(engine="openai-compatible", maxTokens=9))
    assert body["max_tokens"] == 9
    assert "max_completion_tokens" not in body
    check_openai(body)


def test_a_message_of_the_tool_answers_a_call():
    body = openai(call(TOOLS))
    asked, answered = body["messages"][2:4]
    assert asked["content"] == "Wait."
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {"ref": "é"}
    assert answered == {"role": "tool", "tool_call_id": "c1", "content": '{"state": "sent"}'}
    assert "content" not in body["messages"][6]
    check_openai(body)


def test_parts_keep_their_kind_and_their_url():
    body = openai(call(said(ContentPart("look"), image("https://x.test/a.png"), image(PNG), file(PDF))))
    text, linked, inline, document = body["messages"][0]["content"]
    assert text == {"type": "text", "text": "look"}
    assert linked == {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}
    assert inline["image_url"]["url"] == PNG
    assert document == {"type": "file", "file": {"filename": "file.pdf", "file_data": PDF}}
    check_openai(body)


@pytest.mark.parametrize(
    ("messages", "given", "said_"),
    [
        (said(ContentPart("x")), {"topK": 1}, "PAY001 openai has no parameter topK"),
        (said(ContentPart("x")), {"max_tokens": 1}, "PAY001 openai has no parameter max_tokens"),
        (said(file("https://x.test/a.pdf")), {"seed": 1}, "PAY002 openai chat takes no file by URL"),
        (said(image(PNG), role="assistant"), {"seed": 1}, "PAY002 openai takes no part of kind image"),
        (said(image("data:image/png,hi")), {"seed": 1}, "PAY006"),
    ],
)
def test_what_it_cannot_take_is_an_error_with_a_way_out(messages, given, said_):
    if "PAY006" in said_:  # an image's URL goes through as it is only where it is one
        messages = said(file("data:application/pdf,hi"))
    with pytest.raises(Usage) as caught:
        openai(call(messages, **given))
    assert said_ in str(caught.value)
    assert caught.value.next_step
