from __future__ import annotations

import json

import pytest
from support.bundles import OUTPUT
from support.sdks import check_bedrock
from support.talks import PDF, PNG, SYSTEM, TOOLS, call, file, image, said

from serve.core.errors import Usage
from serve.core.model import ChatMessage, ContentPart
from serve.core.payloads.bedrock import bedrock, wire
from serve.core.payloads.call import Call


def test_system_and_parameters_have_places_of_their_own():
    body = bedrock(call(temperature=0.5, maxTokens=9, topP=0.9, stop=["x"]))
    assert body["modelId"] == "m-1"
    assert body["system"] == [{"text": "Be kind."}]
    assert body["messages"][0] == {"role": "user", "content": [{"text": "hi"}]}
    assert body["inferenceConfig"] == {
        "temperature": 0.5,
        "maxTokens": 9,
        "topP": 0.9,
        "stopSequences": ["x"],
    }
    assert body["toolConfig"]["tools"][0]["toolSpec"]["name"] == "lookup"
    check_bedrock(body)


def test_the_schema_of_the_answer_is_json_in_a_string():
    shape = bedrock(call())["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert shape["name"] == "answer"
    assert json.loads(shape["schema"]) == OUTPUT.schema


def test_user_and_assistant_alternate():
    messages = bedrock(call(TOOLS))["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user", "assistant", "user"]
    assert [next(iter(block)) for block in messages[2]["content"]] == ["toolResult", "toolResult", "text"]
    check_bedrock(bedrock(call(TOOLS)))


def test_images_and_files_are_bytes_or_lie_in_s3():
    parts = (ContentPart("look"), image(PNG), image("s3://b/a.jpg"), file(PDF), file("s3://b/a", "text/csv"))
    body = bedrock(call(said(*parts)))
    blocks = body["messages"][0]["content"]
    assert blocks[1] == {"image": {"format": "png", "source": {"bytes": b"hi"}}}
    assert blocks[2] == {"image": {"format": "jpeg", "source": {"s3Location": {"uri": "s3://b/a.jpg"}}}}
    assert blocks[3] == {"document": {"format": "pdf", "source": {"bytes": b"hi"}, "name": "file 1"}}
    assert blocks[4]["document"]["name"] == "file 2"
    assert wire(body)["messages"][0]["content"][1]["image"]["source"] == {"bytes": "aGk="}
    check_bedrock(body)


REFUSED = {
    "PAY002 bedrock takes a file only in a message that has text": call(said(file(PDF))),
    "PAY001 bedrock has no parameter topK": call(topK=1),
    "PAY002 bedrock takes no image by https address": call(said(image("https://x.test/a.png"))),
    "PAY002 bedrock takes no image of type image/bmp": call(said(image("data:image/bmp;base64,aGk="))),
    "PAY002 bedrock takes no file of type unknown": call(said(file("s3://b/a"))),
    "PAY002 bedrock takes a history with calls of tools only": Call(TOOLS, call().model, {}),
    "PAY004 message 2 (user) is empty": call((SYSTEM, ChatMessage("user", ""))),
    "PAY005 bedrock wants the user to speak first": call((SYSTEM, ChatMessage("assistant", "hi"))),
    "PAY008 bedrock takes a temperature from 0 to 1": call(temperature=1.5),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_it_cannot_take_is_an_error_with_a_way_out(words):
    with pytest.raises(Usage) as caught:
        bedrock(REFUSED[words])
    assert words in str(caught.value)
    assert caught.value.next_step
