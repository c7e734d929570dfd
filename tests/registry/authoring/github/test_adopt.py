"""A GitHub file as ours: what it means, where everything stands, and that nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.content import MODEL, catalog, write

from registry.authoring.catalog import Catalog
from registry.authoring.github.adopt import LARGEST, adopt, is_foreign
from registry.authoring.parse import Document, Mark
from registry.rendering.preview import live_of
from registry.validation.lint import lint
from registry.validation.lints.tpl002_output_too_large import LIMIT

PLAIN = """\
name: Ticket triage
description: Sorts one ticket.
model: openai/gpt-4o
modelParameters:
  temperature: 0.5
  maxTokens: 200
messages:
  - role: system
    content: You sort tickets for {{product}}.
  - role: user
    content: |
      <ticket>
      {{ticket}}
      </ticket>
testData:
  - {product: Acme, ticket: It crashes., expected: technical}
evaluators:
  - name: one word
    string: {equals: "{{expected}}"}
"""
MESSAGES = "messages:\n  - {role: user, content: Greet me.}\n"


def held(tmp_path: Any, text: str, name: str = "a.prompt.yml") -> Catalog:
    return catalog(write(tmp_path, {f"prompts/{name}": text, "prompts/models/chat.model.yaml": MODEL}))


def errors(catalog: Catalog) -> list[str]:
    return [f"{it.place} {it.code} {it.message}" for it in lint(catalog) if it.level == "error"]


def drifts(catalog: Catalog, topic: str, prompt: str = "a") -> list[tuple[str, str, str]]:
    return [(str(it.place), it.what, it.instead) for it in catalog.drifts[prompt] if it.topic == topic]


@pytest.mark.parametrize("name", ["triage.prompt.yml", "triage.prompt.yaml"])
def test_a_file_of_githubs_loads_unchanged_under_both_suffixes(tmp_path: Any, name: str) -> None:
    found = held(tmp_path, PLAIN, f"support/{name}")
    assert (found.problems, errors(found)) == ((), [])
    source = found.prompts["support/triage"]
    assert (source.name, source.description, source.model) == (
        "Ticket triage",
        "Sorts one ticket.",
        "openai/gpt-4o",
    )
    assert source.model_parameters == {"temperature": 0.5, "maxTokens": 200}
    assert source.test_data == ({"product": "Acme", "ticket": "It crashes.", "expected": "technical"},)
    render = live_of(found).render("support/triage", {"product": "Acme", "ticket": "{{product}} {% x %}"})
    assert [message.content for message in render.messages] == [
        "You sort tickets for Acme.",
        "<ticket>\n{{product}} {% x %}\n</ticket>\n",
    ]
    assert (render.model.engine, render.model.model) == ("openai-compatible", "openai/gpt-4o")


def test_our_header_makes_a_file_ours_under_githubs_suffix_too(tmp_path: Any) -> None:
    text = "promptyard: 1\nmodel: models/chat\nmessages:\n  - {role: user, content: '{% if true %}Hi{% endif %}'}\n"
    found = held(tmp_path, text)
    assert found.drifts == {}
    assert live_of(found).render("a", {}).messages[0].content == "Hi"


def test_undeclared_variables_become_bounded_text_with_the_inputs_to_write(tmp_path: Any) -> None:
    found = held(tmp_path, PLAIN)
    assert found.prompts["a"].inputs == {
        "product": {"type": "string", "maxLength": 20_000},
        "ticket": {"type": "string", "maxLength": 20_000},
    }
    ((_, what, instead),) = drifts(found, "inputs")
    assert what == "Not declared: product, ticket; taken as text of at most 20,000 characters."
    declared = PLAIN + instead.removeprefix("Write ").removesuffix(".") + "\n"
    assert drifts(held(tmp_path, declared), "inputs") == []
    assert errors(held(tmp_path, declared)) == []


def test_a_declared_variable_keeps_its_own_schema(tmp_path: Any) -> None:
    found = held(tmp_path, PLAIN + "inputs: {ticket: {type: string, maxLength: 9, trust: user}}\n")
    assert found.prompts["a"].inputs["ticket"] == {"type": "string", "maxLength": 9, "trust": "user"}
    assert set(found.prompts["a"].inputs) == {"product", "ticket"}


def test_the_bound_keeps_a_prompt_of_many_variables_below_the_largest(tmp_path: Any) -> None:
    assert LARGEST == LIMIT
    text = " ".join(f"{{{{v{number}}}}}" for number in range(50)) * 2
    found = held(tmp_path, f"model: m\nmessages:\n  - {{role: user, content: '{text}'}}\n")
    assert errors(found) == []
    assert found.prompts["a"].inputs["v1"] == {"type": "string", "maxLength": 1900}


def test_a_variable_that_cannot_have_its_name_here_is_renamed_everywhere(tmp_path: Any) -> None:
    text = "model: m\nmessages:\n  - {role: user, content: 'For {{user-name}}.'}\ntestData:\n  - {user-name: Ada}\n"
    found = held(tmp_path, text)
    assert found.prompts["a"].test_data == ({"user_name": "Ada"},)
    assert "user-name is user_name here." in drifts(found, "inputs")[0][1]
    assert live_of(found).render("a", {"user_name": "Ada"}).messages[0].content == "For Ada."
    declared = held(tmp_path, text + "inputs: {user_name: {type: string, maxLength: 9}}\n")
    assert declared.prompts["a"].inputs == {"user_name": {"type": "string", "maxLength": 9}}


def test_a_model_file_of_that_name_takes_the_place_of_the_implied_config(tmp_path: Any) -> None:
    write(tmp_path, {"prompts/openai/gpt-4o.model.yaml": MODEL})
    found = held(tmp_path, PLAIN)
    assert found.models["openai/gpt-4o"].engine == "openai"
    assert found.implied == frozenset()
    assert not [it for it in lint(found) if it.code == "GHP003"]


def test_two_prompts_share_one_implied_config(tmp_path: Any) -> None:
    write(tmp_path, {"prompts/b.prompt.yml": PLAIN})
    found = held(tmp_path, PLAIN)
    assert found.prompts["a"].model == found.prompts["b"].model == "openai/gpt-4o"
    assert found.documents["model"]["openai/gpt-4o"].path == "prompts/a.prompt.yml"
    assert errors(found) == []


def test_a_file_without_a_model_loads_and_says_what_to_write(tmp_path: Any) -> None:
    found = held(tmp_path, MESSAGES)
    assert errors(found) == []
    assert live_of(found).render("a", {}).model.model == "model-not-named"
    (told,) = [it for it in lint(found) if it.code == "GHP003"]
    assert told.hint == "Write model: models/chat, with the id of a model file."


def test_keys_that_are_nobodys_are_told_and_left_out(tmp_path: Any) -> None:
    found = held(tmp_path, "version: 1.0.0\nvariables: [{name: x}]\nmetadata: {a: b}\n" + PLAIN)
    assert errors(found) == []
    assert [place for place, _, _ in drifts(found, "key")] == [
        "prompts/a.prompt.yml:1:1",
        "prompts/a.prompt.yml:2:1",
        "prompts/a.prompt.yml:3:1",
    ]


def test_a_key_of_ours_with_another_meaning_is_left_out(tmp_path: Any) -> None:
    found = held(tmp_path, "output: json\ntools: {a: b}\ninputs: {x: text}\nbudget: 5\n" + MESSAGES)
    assert errors(found) == []
    assert len(drifts(found, "key")) == 4
    assert found.prompts["a"].output is None


def test_keys_of_ours_mean_what_they_always_mean(tmp_path: Any) -> None:
    text = "owner: support\nmodel: models/chat\n" + MESSAGES
    assert held(tmp_path, text).prompts["a"].owner == "support"


@pytest.mark.parametrize(
    ("message", "place", "words"),
    [
        ("{role: tool, content: x}", "2:6", "messages[0].role must be one of system, user, assistant"),
        ("{role: user, content: 5}", "2:18", "messages[0].content must be text"),
        ("{role: user}", "2:5", "messages[0] lacks content"),
        ("just text", "2:5", "messages[0] must be keys with values"),
    ],
)
def test_a_message_that_cannot_be_sent_is_an_error_that_names_the_fault(
    tmp_path: Any, message: str, place: str, words: str
) -> None:
    (told,) = errors(held(tmp_path, f"messages:\n  - {message}\n"))
    assert told.startswith(f"prompts/a.prompt.yml:{place} SCH001 {words}")


def test_a_place_behind_an_empty_message_is_still_the_right_one(tmp_path: Any) -> None:
    text = "model: m\nmessages:\n  - {role: system, content: ''}\n  - {role: user, content: 5}\n"
    (told,) = errors(held(tmp_path, text))
    assert told.startswith("prompts/a.prompt.yml:4:18 SCH001 messages[0].content")


def test_anything_else_than_keys_with_values_is_no_file_of_githubs() -> None:
    assert not is_foreign(Document("a", ["x"], {}))
    assert not is_foreign(Document("a", {"promptyard": 2}, {}))


KEYS = (
    "name", "description", "model", "modelParameters", "messages", "responseFormat", "jsonSchema", "testData",
    "evaluators", "inputs", "output", "variants", "owner", "variables", "budget",
)  # fmt: skip
INNER = st.sampled_from(
    ("role", "content", "name", "string", "contains", "regex", "llm", "uses", "expected", "x", "max_tokens", "text",
     "temperature", "messages", "history", "schema", "type")
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["{{x}}", "{% x %}", "user", "json_schema", "{", '{"schema": {}}', "", "1.5", "x" * 90])
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(INNER, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8))
def test_nothing_that_a_file_can_hold_crashes_the_reader(data: Mapping[str, Any]) -> None:
    made = adopt(Document("prompts/a.prompt.yml", data, {(): Mark(1, 1, 1, False)}))
    assert made.document.data["promptyard"] == 1

    def walk(value: Any, steps: tuple[str | int, ...]) -> None:
        assert steps in made.document.marks
        pairs = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for step, inner in pairs:
            walk(inner, (*steps, step))

    walk(made.document.data, ())
