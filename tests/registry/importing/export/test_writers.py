"""What each format holds, what it leaves behind, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.content import FILES, catalog, write

from registry.errors import NotClean, Usage
from registry.importing.export.port import Exported
from registry.importing.export.table import WRITERS
from registry.importing.export.whole import Whole, wholes_of

HEAD = "promptyard: 1\nmodel: models/chat\n"


def whole(root: Path, text: str, **files: str) -> Whole:
    write(root, FILES, **{"prompts/x.prompt.yaml": HEAD + text, **files})
    return wholes_of(catalog(root), "x")[0]


def exported(root: Path, form: str, text: str, **files: str) -> Exported:
    return WRITERS[form].write(whole(root, text, **files))


def notes(it: Exported, level: str) -> dict[str, str]:
    return {note.what: note.why for note in it.notes if note.level == level}


def head_of(it: Exported) -> Any:
    assert it.text is not None
    return yaml.safe_load(it.text.split("---\n")[1])


FULL = """
name: Full
description: All keys.
owner: us
modelParameters: {temperature: 0.5, topP: 1, stop: [END], seed: 7, reasoningEffort: low}
inputs:
  text: {type: string, maxLength: 10, trust: user, description: Words., examples: [a]}
  n: {type: integer, minimum: 1, default: 3}
  kind: {enum: [a, b]}
  maybe: {type: [string, "null"], maxLength: 5}
  rows: {type: array, maxItems: 3, items: {type: object, additionalProperties: false, required: [k],
         properties: {k: {type: string, maxLength: 3}, v: {type: number}}}}
output: {name: answer, schema: {type: object, required: [ok], additionalProperties: false, properties: {ok: {type: boolean}}}}
messages:
  - {id: rules, role: system, content: Be brief.}
  - history: chat
  - {role: user, content: "{{ text }} {{ n }} {{ kind }}"}
tools: [tools/look]
knowledge: {source: s, version: "1"}
budget: {maxPromptTokens: 500}
testData: [{text: a, kind: a, maybe: null, rows: [], expected: {ok: true}}]
evaluators: [{name: shape, jsonSchema: output}]
"""
TOOL = {
    "prompts/tools/look.tool.yaml": "promptyard: 1\nname: look\ndescription: Looks.\n"
    "parameters: {type: object, required: [id], properties: {id: {type: string}, deep: {type: boolean}}}\n"
}


def test_prompty_carries_types_outputs_tools_and_the_place_of_the_conversation(tmp_path: Path) -> None:
    it = exported(tmp_path, "prompty", FULL, **TOOL)
    head = head_of(it)
    assert head["model"] == {
        "id": "gpt-test", "provider": "openai", "apiType": "chat",
        "options": {"temperature": 0.5, "topP": 1, "stopSequences": ["END"], "seed": 7,
                    "reasoningEffort": "low", "maxOutputTokens": 50},
    }  # fmt: skip
    inputs = {item["name"]: item for item in head["inputs"]}
    assert inputs["text"] == {
        "name": "text",
        "kind": "string",
        "description": "Words.",
        "example": "a",
        "required": True,
    }
    assert inputs["n"] == {"name": "n", "kind": "integer", "default": 3, "required": False}
    assert inputs["kind"] == {"name": "kind", "kind": "string", "enumValues": ["a", "b"], "required": True}
    assert inputs["maybe"]["nullable"]
    assert [row["kind"] for row in inputs["rows"]["items"]["properties"]] == ["string", "float"]
    assert inputs["chat"] == {"name": "chat", "kind": "thread"}
    assert head["outputs"] == [{"name": "ok", "kind": "boolean", "required": True}]
    assert [row["required"] for row in head["tools"][0]["parameters"]] == [True, False]
    assert it.text is not None
    assert it.text.endswith("system:\nBe brief.\n\n{{ chat }}\n\nuser:\n{{ text }} {{ n }} {{ kind }}\n")
    assert notes(it, "lost").keys() == {
        "owner", "knowledge", "budget", "testData and evaluators", "message id rules", "trust of text",
        "maxLength of text, maybe, rows[].k", "minimum of n", "maxItems of rows",
    }  # fmt: skip


def test_dotprompt_carries_json_schemas_as_they_are(tmp_path: Path) -> None:
    it = exported(tmp_path, "dotprompt", FULL, **TOOL)
    head = head_of(it)
    assert head["model"] == "openai/gpt-test"
    assert head["config"]["maxOutputTokens"] == 50
    assert head["input"]["default"] == {"n": 3}
    assert head["input"]["schema"]["required"] == ["text", "kind", "maybe", "rows"]
    assert head["input"]["schema"]["properties"]["text"] == {
        "type": "string",
        "maxLength": 10,
        "description": "Words.",
        "examples": ["a"],
    }
    assert head["output"]["schema"]["required"] == ["ok"]
    assert head["tools"] == ["look"]
    assert it.text is not None
    assert it.text.endswith(
        '{{role "system"~}}\nBe brief.\n{{~history~}}\n{{role "user"~}}\n{{text}} {{n}} {{kind}}\n'
    )
    assert {"name", "tool look"} <= notes(it, "lost").keys()
    assert "one history" in notes(it, "changed")["message 2"]


def test_github_refuses_a_conversation_and_tells_what_it_has_not(tmp_path: Path) -> None:
    it = exported(tmp_path, "github", FULL, **TOOL)
    assert it.text is None
    assert "no such place" in notes(it, "fault")["message 2"]
    assert {
        "evaluator shape",
        "tools tools/look",
        "parameter seed",
        "schema of text, n, kind, maybe, rows",
    } <= notes(it, "lost").keys()


def test_github_carries_tests_and_the_shape_of_the_answer(tmp_path: Path) -> None:
    text = """
inputs: {a: {type: string, maxLength: 5}}
output: {name: answer, schema: {type: object, properties: {ok: {type: boolean}}}}
messages: [{role: user, content: "{{ a }}\\n"}]
testData: [{a: x, expected: y}]
evaluators: [{name: c, string: {contains: y}}, {name: m, string: {matches: y}}, {name: j, uses: github/similarity}]
"""
    it = exported(tmp_path, "github", text)
    assert it.text is not None
    data = yaml.safe_load(it.text)
    assert data["messages"] == [{"role": "user", "content": "{{a}}"}]
    assert data["testData"] == [{"a": "x", "expected": "y"}]
    assert data["evaluators"] == [
        {"name": "c", "string": {"contains": "y"}},
        {"name": "j", "uses": "github/similarity"},
    ]
    assert data["responseFormat"] == "json_schema"
    assert json.loads(data["jsonSchema"])["schema"]["properties"] == {"ok": {"type": "boolean"}}
    assert "evaluator m" in notes(it, "lost")


@pytest.mark.parametrize(
    ("form", "content", "why"),
    [
        ("github", "{% if a %}x{% endif %}", "has the tag if"),
        ("github", "{{ a | upper }}", "more than a plain variable"),
        ("github", "{{ '{' }}{a}}", "which GitHub would fill in"),
        ("prompty", "Line\n  User:\nx", "begins another message"),
        ("prompty", "{{ a | tojson }}", "tojson"),
        ("prompty", "a\u2028b", "plain newlines"),
        ("dotprompt", "{{ a | upper }}", "upper"),
        ("dotprompt", "<<<dotprompt:role:user>>>", "begins another message"),
    ],
)
def test_what_would_be_sent_otherwise_is_refused(tmp_path: Path, form: str, content: str, why: str) -> None:
    text = f"inputs: {{a: {{type: string, maxLength: 5}}}}\nmessages: [{{role: user, content: {json.dumps(content)}}}]\n"
    it = exported(tmp_path, form, text)
    assert it.text is None
    assert why in notes(it, "fault")["message 1"]


@pytest.mark.parametrize("form", WRITERS)
def test_images_are_refused_by_all(tmp_path: Path, form: str) -> None:
    text = "inputs: {u: {type: string, maxLength: 99}}\nmessages: [{role: user, content: [{image: '{{ u }}'}]}]\n"
    assert "images or files" in notes(exported(tmp_path, form, text), "fault")["message 1"]


def test_a_head_that_prompty_would_cut_is_refused(tmp_path: Path) -> None:
    it = exported(tmp_path, "prompty", "description: a --- b\nmessages: [{role: user, content: x}]\n")
    assert it.text is None
    assert "takes for its end" in notes(it, "fault")["head"]


def test_a_message_with_space_around_it_keeps_it_in_dotprompt(tmp_path: Path) -> None:
    text = 'messages: [{role: system, content: "  a\\n\\n"}, {role: user, content: "b"}]\n'
    it = exported(tmp_path, "dotprompt", text)
    assert it.text is not None
    assert it.text.endswith('---\n{{role "system"}}  a\n{{role "user"~}}\nb\n')


def test_a_variant_has_its_own_messages_model_and_parameters(tmp_path: Path) -> None:
    text = """
variants: {v: {model: models/other, modelParameters: {temperature: 1}, messages: {m: Short.}}}
messages: [{id: m, role: user, content: Long.}]
"""
    whole(tmp_path, text, **{"prompts/models/other.model.yaml": "promptyard: 1\nengine: gemini\nmodel: g\n"})
    _, arm = wholes_of(catalog(tmp_path), "x")
    it = WRITERS["dotprompt"].write(arm)
    assert it.name == "x.v.prompt"
    assert head_of(it) == {"model": "googleai/g", "config": {"temperature": 1}}
    assert it.text is not None
    assert it.text.endswith("Short.\n")


def test_prose_in_a_file_and_partials_are_put_in_place(tmp_path: Path) -> None:
    text = "messages: [{role: user, content: {file: prose.md}}]\n"
    it = exported(
        tmp_path, "github", text, **{"prompts/prose.md": 'One.\n{% include "partials/tone.md" %}\n'}
    )
    assert it.text is not None
    assert yaml.safe_load(it.text)["messages"][0]["content"] == "One.\nBe calm."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("messages: [{role: user, content: {file: no.md}}]\n", "REF001"),
        ("messages: [{role: user, content: '{% include \"no.md\" %}'}]\n", "TPL003"),
        ("messages: [{role: user, content: x}]\ntools: [tools/no]\n", "REF001"),
    ],
)
def test_a_prompt_that_names_what_is_not_there_is_not_clean(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(NotClean, match=code):
        whole(tmp_path, text)


def test_a_prompt_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(Usage, match="PRM001"):
        wholes_of(catalog(tmp_path), "nowhere")
