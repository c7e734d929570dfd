from __future__ import annotations

import pytest
from support.bundles import OUTPUT
from support.sdks import check_openai_responses
from support.talks import PDF, PNG, TOOLS, call, file, image, said

from serve.core.errors import Usage
from serve.core.model import ContentPart
from serve.core.payloads.openai_responses import openai_responses


def test_messages_are_items_and_parameters_have_its_own_names():
    body = openai_responses(call(temperature=0.5, maxTokens=9, topP=0.9, reasoningEffort="low"))
    assert [item["role"] for item in body["input"]] == ["system", "user", "assistant", "user"]
    assert (body["max_output_tokens"], body["reasoning"]) == (9, {"effort": "low"})
    assert body["text"]["format"] == {
        "type": "json_schema", "name": "answer", "schema": OUTPUT.schema, "strict": True,
    }  # fmt: skip
    assert (body["tools"][0]["name"], body["tools"][0]["strict"]) == ("lookup", False)
    check_openai_responses(body)


def test_calls_of_tools_are_items_of_their_own():
    body = openai_responses(call(TOOLS))
    kinds = [item.get("type", item.get("role")) for item in body["input"]]
    assert kinds == [
        "system", "user", "assistant", "function_call", "function_call", "function_call_output",
        "function_call_output", "user", "function_call", "function_call_output",
    ]  # fmt: skip
    assert body["input"][5]["call_id"] == "c1"
    check_openai_responses(body)


def test_files_go_by_url_or_with_their_bytes():
    parts = (ContentPart("look"), image(PNG), file("https://x.test/a.pdf"), file(PDF))
    body = openai_responses(call(said(*parts)))
    assert [part["type"] for part in body["input"][0]["content"]] == [
        "input_text", "input_image", "input_file", "input_file",
    ]  # fmt: skip
    assert body["input"][0]["content"][2]["file_url"] == "https://x.test/a.pdf"
    assert body["input"][0]["content"][3]["filename"] == "file.pdf"
    check_openai_responses(body)


def test_what_the_assistant_said_in_parts_is_text():
    body = openai_responses(call(said(ContentPart("a"), ContentPart("b"), role="assistant")))
    assert body["input"][1] == {"role": "assistant", "content": "ab"}
    check_openai_responses(body)


@pytest.mark.parametrize("name", ["seed", "stop", "topK", "frequencyPenalty"])
def test_a_parameter_that_only_chat_has_is_an_error(name):
    with pytest.raises(Usage, match=f"PAY001 openai-responses has no parameter {name}"):
        openai_responses(call(**{name: 1}))
