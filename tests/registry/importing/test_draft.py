"""A prompt in the making lacks nothing that ours asks for, and every addition is told."""

from __future__ import annotations

from registry.importing.draft import Draft, made
from registry.importing.models import model_entry


def _user(content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


def test_a_file_without_a_model_gets_one_to_fill_in() -> None:
    whole = made(Draft("a", [_user("Hi {{ x }}")]))
    assert [entry.kind for entry in whole.entries] == ["prompt", "model"]
    assert whole.entries[0].data["model"] == "models/unnamed"
    assert {"input x", "model"} <= {note.what for note in whole.notes}


def test_messages_without_text_are_no_prompt() -> None:
    whole = made(Draft("a", [_user("  "), {"history": "h"}]))
    assert whole.entries == ()
    assert [note.level for note in whole.notes] == ["fault"]


def test_where_nothing_is_asked_a_history_lets_the_question_in() -> None:
    whole = made(Draft("a", [{"role": "system", "content": "Be kind."}]))
    assert whole.histories == ("conversation",)
    assert whole.entries[0].data["messages"][-1] == {"history": "conversation"}


def test_a_limit_is_added_only_where_the_engine_demands_one_and_nobody_set_it() -> None:
    model = model_entry("anthropic", "claude-x")
    added = made(Draft("a", [_user("Hi")], model=model, answer_tokens=77))
    said = made(Draft("a", [_user("Hi")], model=model, parameters={"max_tokens": 5}))
    model.data["parameters"] = {"maxTokens": 9}
    held = made(Draft("a", [_user("Hi")], model=model))
    assert added.entries[0].data["modelParameters"] == {"maxTokens": 77}
    assert said.entries[0].data["modelParameters"] == {"maxTokens": 5}
    assert "modelParameters" not in held.entries[0].data


def test_what_the_policy_refuses_is_a_fault_at_its_line() -> None:
    whole = made(Draft("a", [_user("Hi\n{{ f(x) }}")]))
    assert any(note.level == "fault" and "line 2" in note.what for note in whole.notes)


def test_bounds_let_the_file_s_own_values_through() -> None:
    whole = made(Draft("a", [_user("{{ x }}")], samples=[{"x": "a" * 20_500}]))
    assert whole.inputs["x"]["maxLength"] == 30_000


def test_a_partial_is_looked_into_for_the_inputs_it_prints() -> None:
    whole = made(Draft("a", [_user('{% include "partials/p.md" %}')], partials={"partials/p.md": "{{ y }}"}))
    assert set(whole.inputs) == {"y"}
    assert not any(note.level == "fault" for note in whole.notes)


def test_an_object_that_is_printed_whole_says_what_it_may_hold() -> None:
    whole = made(Draft("a", [_user("{{ x | tojson }}")], {"x": {"type": "object"}}))
    assert any("without declared properties" in note.why for note in whole.notes)
