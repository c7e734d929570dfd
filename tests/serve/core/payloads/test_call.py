from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sdks import CHECKS
from support.talks import PNG, SYSTEM, call, image, said

from serve.core.errors import Usage
from serve.core.inputs import Inputs
from serve.core.live import history_messages
from serve.core.model import (
    CallingMessage,
    ChatMessage,
    ContentPart,
    Json,
    Placeholder,
    Prompt,
    Reference,
    ToolCall,
    ToolMessage,
)
from serve.core.payloads import BODIES
from serve.core.payloads.call import turns

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).map(lambda text: f"<{text}>")
CHECK = Inputs(Prompt("p", Reference("m", ""), (Placeholder("talk"),))).check


@st.composite
def histories(draw: st.DrawFn) -> list[Json]:
    """Conversations that :class:`Inputs` lets pass: anybody may speak twice, calls are answered in any order."""
    talk: list[Json] = []
    for number, kind in enumerate(
        draw(st.lists(st.sampled_from(["user", "assistant", "calls"]), max_size=6))
    ):
        if kind != "calls":
            talk.append({"role": kind, "content": draw(WORDS)})
            continue
        ids = [f"c{number}-{index}" for index in range(draw(st.integers(1, 3)))]
        calls = [{"id": c, "name": "lookup", "arguments": {"word": draw(WORDS)}} for c in ids]
        said = {"content": draw(WORDS)} if draw(st.booleans()) else {}
        talk.append({"role": "assistant", "toolCalls": calls, **said})
        answers = draw(st.permutations(ids))
        talk += [{"role": "tool", "toolCallId": c, "content": draw(WORDS)} for c in answers]
    return talk


def texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


@given(histories(), st.sampled_from(sorted(BODIES)))
def test_no_word_of_a_conversation_is_lost_and_the_sdk_takes_it(talk, form):
    CHECK({"talk": talk}, 1)
    messages = (SYSTEM, ChatMessage("user", "hi"), *history_messages(talk), ChatMessage("user", "bye"))
    body = BODIES[form](call(messages))
    CHECKS[form](body)
    sent = "\n".join(texts(body))
    for turn in talk:
        assert turn.get("content", "") in sent
        for c in turn.get("toolCalls", ()):
            assert c["id"] in sent


@given(histories())
def test_user_and_assistant_alternate_and_every_message_is_in_a_turn(talk):
    messages = history_messages(talk)
    found = list(turns(messages))
    roles = [turn.role for turn in found]
    assert all(one != other for one, other in pairwise(roles))
    assert tuple(message for turn in found for message in turn.messages) == messages


@pytest.mark.parametrize("form", BODIES)
def test_the_conversation_itself_is_not_changed(form):
    given_ = call()
    BODIES[form](given_)
    assert given_ == call()


@pytest.mark.parametrize("form", ["anthropic", "gemini", "bedrock"])
def test_a_part_or_a_turn_that_says_nothing_beside_others_is_left_out(form):
    talk = (
        *said(ContentPart(" \n"), image(PNG), ContentPart("Look.")),
        CallingMessage("assistant", " ", (ToolCall("c1", "lookup", {}),)),
        ToolMessage("tool", "none", "c1"),
    )
    body = BODIES[form](call(talk))
    CHECKS[form](body)
    turns_sent = body.get("messages") or body["contents"]
    assert [len(turn.get("content") or turn["parts"]) for turn in turns_sent] == [2, 1, 1]


@pytest.mark.parametrize("form", sorted(BODIES))
def test_an_image_without_an_address_is_refused(form):
    with pytest.raises(Usage, match="PAY006 a part of kind image has no URL"):
        BODIES[form](call(said(ContentPart("Look."), image(" "))))


@pytest.mark.parametrize("form", ["anthropic", "bedrock"])
def test_a_temperature_that_is_no_number_is_left_to_lint(form):
    assert "hot" in texts(BODIES[form](call(temperature="hot", maxTokens=9)))
