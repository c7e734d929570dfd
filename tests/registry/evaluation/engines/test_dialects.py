"""How answers read: openai, anthropic, gemini; each answer here is one that the provider's own SDK reads alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.providers import anthropic_answer, gemini_answer, openai_answer

from registry.evaluation.engines import anthropic, gemini, openai
from registry.evaluation.engines.provider import Fault
from registry.evaluation.records import Called

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _damaged(answer: Any, path: list[int], value: Any) -> Any:
    """The answer with one value, chosen by numbers, replaced."""
    import copy

    whole = copy.deepcopy(answer)
    at = whole
    for step in path:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            break
        key = keys[step % len(keys)]
        if not isinstance(at[key], (dict, list)) or step == path[-1]:
            at[key] = value
            break
        at = at[key]
    return whole


class TestOpenAI:
    @pytest.mark.parametrize(
        ("reason", "finish"),
        [("stop", "stop"), ("length", "length"), ("tool_calls", "tool_calls"), ("function_call", "tool_calls"),
         ("content_filter", "content_filter"), (None, "stop"), ("abort", "stop")],
    )  # fmt: skip
    def test_every_way_to_end_has_its_word(self, reason: str | None, finish: str) -> None:
        assert openai.read(openai_answer("x", finish=reason)).finish == finish

    def test_calls_of_tools(self) -> None:
        from openai.types.chat import ChatCompletion

        calls = [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
            {"id": "c2", "type": "function", "function": {"name": "g", "arguments": '{"a": '}},
            {"id": "c3", "type": "custom", "custom": {"name": "h", "input": "free words"}},
        ]
        answer = openai_answer(None, calls=calls, finish="tool_calls")
        ChatCompletion.model_validate(answer)
        read = openai.read(answer)
        assert read.text == ""
        assert read.tool_calls == (
            Called("c1", "f", {"a": 1}), Called("c2", "g", '{"a": '), Called("c3", "h", "free words"),
        )  # fmt: skip

    def test_a_refusal_is_what_it_said(self) -> None:
        answer = openai_answer(None)
        answer["choices"][0]["message"]["refusal"] = "I cannot help with that."
        assert openai.read(answer).text == "I cannot help with that."

    def test_servers_that_leave_things_out(self) -> None:
        bare = {"choices": [{"message": {"content": "x"}}]}
        read = openai.read(bare)
        assert (read.text, read.prompt_tokens, read.model, read.finish) == ("x", 0, None, "stop")
        parts = {
            "choices": [
                {"message": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}}
            ]
        }
        assert openai.read(parts).text == "ab"

    def test_the_snapshot_that_answered_is_kept(self) -> None:
        assert openai.read(openai_answer("x")).model == "gpt-test-2026-08-01"


class TestAnthropic:
    @pytest.mark.parametrize(
        ("reason", "finish"),
        [("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"),
         ("refusal", "content_filter"), ("model_context_window_exceeded", "length"), ("pause_turn", "stop")],
    )  # fmt: skip
    def test_every_way_to_end_has_its_word(self, reason: str, finish: str) -> None:
        from anthropic.types import Message

        answer = anthropic_answer("x", finish=reason)
        Message.model_validate(answer)
        assert anthropic.read(answer).finish == finish

    def test_thinking_is_no_answer_and_tools_are_told_apart(self) -> None:
        blocks = [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
        ]
        read = anthropic.read(anthropic_answer("so", blocks=blocks))
        assert (read.text, read.tool_calls) == ("so", (Called("t1", "f", {"a": 1}),))

    def test_all_input_counts_read_and_written_to_its_cache_too(self) -> None:
        read = anthropic.read(anthropic_answer("x", cached=100, written=50))
        assert (read.prompt_tokens, read.cached_tokens) == (170, 100)

    def test_the_version_is_the_one_that_the_body_is_written_for(self) -> None:
        assert anthropic.ANTHROPIC.headers("k") == {"anthropic-version": "2023-06-01", "x-api-key": "k"}


class TestGemini:
    def test_every_reason_of_the_sdk_has_its_word_or_is_a_fault(self) -> None:
        from google.genai.types import FinishReason

        told: dict[str, str] = {}
        for reason in FinishReason:
            try:
                told[reason.value] = gemini.read(gemini_answer("x", finish=reason.value)).finish
            except Fault as fault:
                told[reason.value] = fault.code
        assert told["STOP"] == "stop"
        assert told["MAX_TOKENS"] == "length"
        assert told["SAFETY"] == told["BLOCKLIST"] == told["SPII"] == "content_filter"
        assert told["MALFORMED_FUNCTION_CALL"] == told["OTHER"] == "ENG023"

    def test_thoughts_are_no_answer_but_are_paid(self) -> None:
        parts = [{"text": "hm", "thought": True}]
        read = gemini.read(gemini_answer("so", parts=parts, thoughts=40))
        assert (read.text, read.completion_tokens) == ("so", 45)

    def test_a_call_of_a_tool_ends_with_it(self) -> None:
        parts = [{"functionCall": {"name": "f", "args": {"a": 1}}}]
        read = gemini.read(gemini_answer("", parts=parts))
        assert (read.finish, read.tool_calls) == ("tool_calls", (Called("", "f", {"a": 1}),))

    def test_a_blocked_prompt_is_filtered_and_not_empty(self) -> None:
        read = gemini.read(
            {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}}
        )
        assert (read.text, read.finish, read.prompt_tokens) == ("", "content_filter", 9)
        with pytest.raises(Fault, match="ENG023"):
            gemini.read({"candidates": []})

    @pytest.mark.parametrize(
        ("model", "path"),
        [("gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:generateContent"),
         ("tunedModels/mine", "/v1beta/tunedModels/mine:generateContent"),
         ("a?b#c d", "/v1beta/models/a%3Fb%23c%20d:generateContent")],
    )  # fmt: skip
    def test_the_model_stands_in_the_path(self, model: str, path: str) -> None:
        assert gemini.GEMINI.path(model) == path

    @given(JSON)
    def test_no_error_body_breaks_the_look_for_a_wait(self, body: Any) -> None:
        for shape in (body, {"error": body}, {"error": {"details": body}}, {"error": {"details": [body]}}):
            assert gemini.wait_of(shape) is None


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (openai.read, openai_answer("x")),
        (anthropic.read, anthropic_answer("x")),
        (gemini.read, gemini_answer("x")),
    ],
    ids=["openai", "anthropic", "gemini"],
)
@given(path=st.lists(st.integers(0, 9), min_size=1, max_size=5), value=JSON)
def test_an_answer_that_is_none_is_a_fault_and_nothing_else(
    read: Any, answer: Any, path: list[int], value: Any
) -> None:
    try:
        found = read(_damaged(answer, path, value))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, Fault):
        return
    assert isinstance(found.text, str)
    assert isinstance(found.prompt_tokens, int)
