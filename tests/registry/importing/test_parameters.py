"""Parameters are carried with values that our schema takes; the rest is told."""

import pytest

from registry.importing.parameters import ANSWER_TOKENS, carried


def test_a_value_is_brought_into_form_or_left_out():
    kept, notes = carried(
        {
            "temperature": "0.3",
            "max_tokens": 10.0,
            "stop": "END",
            "top_p": 0,
            "seed": None,
            "presence_penalty": 9,
        },
        "openai",
    )
    assert kept == {"temperature": 0.3, "maxTokens": 10, "stop": ["END"]}
    assert type(kept["maxTokens"]) is int
    lost = {note.what for note in notes if note.level == "lost"}
    assert lost == {"parameter topP", "parameter presencePenalty"}


@pytest.mark.parametrize("key", ["stream", "n", "user", "tool_choice", "logit_bias", "made_up", "topK"])
def test_what_has_no_place_is_lost_and_told(key):
    kept, notes = carried({key: 1}, "openai")
    assert kept == {}
    assert [(note.level, note.what) for note in notes] == [("lost", f"parameter {key}")]


def test_a_value_from_the_environment_is_not_read():
    kept, notes = carried({"temperature": "${env:TEMPERATURE}"}, "openai")
    assert kept == {}
    assert notes[0].level == "lost"


def test_an_engine_that_demands_a_limit_gets_one_and_that_is_told():
    kept, notes = carried({}, "anthropic")
    assert kept == {"maxTokens": ANSWER_TOKENS}
    assert [note.level for note in notes] == ["changed"]
    assert carried({"max_tokens": 5}, "anthropic")[0] == {"maxTokens": 5}
