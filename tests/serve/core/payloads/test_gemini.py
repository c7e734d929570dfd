from __future__ import annotations

import pytest
from support.bundles import OUTPUT
from support.sdks import check_gemini
from support.talks import PNG, SYSTEM, TALK, TOOLS, call, file, image, said

from serve.core.errors import Usage
from serve.core.model import CallingMessage, ChatMessage, ContentPart, ToolCall, ToolMessage
from serve.core.payloads.gemini import gemini


def test_the_assistant_is_the_model_and_parameters_have_its_own_names():
    given = {"temperature": 0.5, "maxTokens": 9, "topP": 0.9, "topK": 4, "stop": ["x"], "seed": 1}
    body = gemini(call(**given))
    assert [content["role"] for content in body["contents"]] == ["user", "model", "user"]
    assert body["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    assert body["generationConfig"] == {
        "temperature": 0.5, "maxOutputTokens": 9, "topP": 0.9, "topK": 4, "stopSequences": ["x"], "seed": 1,
        "responseMimeType": "application/json", "responseJsonSchema": OUTPUT.schema,
    }  # fmt: skip
    assert body["tools"][0]["functionDeclarations"][0]["name"] == "lookup"
    check_gemini(body)


def test_the_same_role_twice_is_one_turn():
    body = gemini(call((SYSTEM, ChatMessage("user", "one"), ChatMessage("user", "two"))))
    assert body["contents"] == [{"role": "user", "parts": [{"text": "one"}, {"text": "two"}]}]
    check_gemini(body)


def test_an_answer_of_a_tool_carries_the_name_of_its_call():
    body = gemini(call(TOOLS))
    assert [content["role"] for content in body["contents"]] == ["user", "model", "user", "model", "user"]
    answer = body["contents"][2]["parts"][0]["functionResponse"]
    assert answer == {"id": "c1", "name": "lookup", "response": {"output": '{"state": "sent"}'}}
    check_gemini(body)


def test_an_id_that_is_used_again_means_the_later_call():
    talk = [ChatMessage("user", "hi")]
    for name in ("lookup", "refund"):
        talk += [CallingMessage("assistant", "", (ToolCall("call_0", name, {}),))]
        talk += [ToolMessage("tool", "done", "call_0"), ChatMessage("user", "and?")]
    contents = gemini(call(tuple(talk)))["contents"]
    answers = [
        part["functionResponse"] for c in contents for part in c["parts"] if "functionResponse" in part
    ]
    assert [answer["name"] for answer in answers] == ["lookup", "refund"]


def test_images_and_files_go_by_address_or_with_their_bytes():
    parts = (
        ContentPart("look"),
        image(PNG),
        image("gs://b/a.webp?x=1"),
        file("https://x.test/a", "application/pdf"),
    )
    body = gemini(call(said(*parts)))
    assert body["contents"][0]["parts"][1:] == [
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
        {"fileData": {"mimeType": "image/webp", "fileUri": "gs://b/a.webp?x=1"}},
        {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x.test/a"}},
    ]
    check_gemini(body)


def test_a_prompt_without_parameters_and_schema_has_no_config():
    talk = call(TALK, output=None)
    body = gemini(type(talk)(talk.messages, talk.model))
    assert body.keys() == {"contents", "systemInstruction"}
    check_gemini(body)


REFUSED = {
    "PAY001 gemini has no parameter reasoningEffort": call(reasoningEffort="low"),
    "PAY002 gemini wants the media type": call(said(file("https://x.test/a"))),
    "PAY002 gemini takes no system message": call((ChatMessage("user", "hi"), SYSTEM)),
    "PAY004 message 2 (user) is empty": call((SYSTEM, ChatMessage("user", ""))),
    "PAY005 gemini wants the user to speak first": call((SYSTEM,)),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_it_cannot_take_is_an_error_with_a_way_out(words):
    with pytest.raises(Usage) as caught:
        gemini(REFUSED[words])
    assert words in str(caught.value)
    assert caught.value.next_step
