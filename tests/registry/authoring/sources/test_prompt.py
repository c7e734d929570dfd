"""Every key that a prompt file may have, in one prompt: each does what it says, all the way to a rendered call."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.content import catalog, write

from registry.authoring.catalog import Catalog
from registry.authoring.sources.prompt import EvaluatorSource, FileText, PromptSource
from registry.evaluation.suite import read_suites
from registry.rendering.preview import live_of
from registry.rendering.resolve import resolve
from registry.validation.lint import lint
from serve.core.codec import from_json, keys_of

TODAY = date(2026, 11, 21)
PROMPT = """\
# yaml-language-server: $schema=../../schemas/prompt.schema.json
promptyard: 1
name: Ticket triage
description: Routes one support ticket to a team and sets its urgency.
owner: support-platform
model: models/chat
modelParameters: {temperature: 0, maxTokens: 64}
inputs:
  teams: {type: array, items: {type: string, maxLength: 40}, maxItems: 20}
  ticket: {type: string, maxLength: 800, trust: user}
  photo: {type: string, maxLength: 200, trust: user}
  tone: {enum: [calm, brisk], default: calm}
output:
  name: triage
  schema:
    type: object
    additionalProperties: false
    required: [team, urgency]
    properties: {team: {type: string}, urgency: {enum: [low, normal, high]}}
messages:
  - id: rules
    role: system
    content: |
      You route support tickets. Be {{ tone }}.
      {% include "partials/tone.md" %}
      {% for team in teams %}
      - {{ team }}
      {% endfor %}
      Answer with JSON only.
  - role: system
    content: {file: support/rules.md}
  - history: conversation
  - role: user
    content:
      - text: "{{ ticket }}"
      - {image: "{{ photo }}", mediaType: image/png}
      - {file: "https://files.test/{{ photo }}.pdf", mediaType: application/pdf}
guardrails: [guardrails/pii]
tools: [tools/lookup-order]
variants:
  short:
    model: models/other
    modelParameters: {temperature: 0.5}
    messages: {rules: "Route the ticket to one of: {{ teams | join(', ') }}. JSON only."}
knowledge: {source: help-centre, version: "2026-11-01", maxAgeDays: 30}
budget: {maxCostPerCallUsd: 0.002, maxPromptTokens: 2000}
testData:
  - teams: [billing, technical]
    ticket: The app crashes.
    photo: https://photos.test/1.png
    conversation: [{role: user, content: Hello.}]
    expected: {team: technical}
evaluators:
  - {name: fits the schema, jsonSchema: output}
  - {name: right team, json: {path: team, equals: "{{ expected.team }}"}}
"""
MODEL = """\
promptyard: 1
engine: openai
model: gpt-test
prices: {currency: USD, perMillion: {input: 0.1, output: 0.4}, source: price list, effectiveFrom: 2026-11-01}
"""
GUARDRAIL = """\
promptyard: 1
owner: safety
rules:
  - id: ticket-number
    kind: pattern
    severity: low
    action: redact
    stages: [output]
    detect: {any: ['INT-[0-9]{6}']}
    tests:
      - {text: see INT-204418, expect: hit}
      - {text: see the ticket, expect: pass}
"""
TOOL = """\
promptyard: 1
name: lookup_order
description: Finds an order by its number.
parameters: {type: object, additionalProperties: false, required: [id], properties: {id: {type: string}}}
"""
FILES = {
    "prompts/support/triage.prompt.yaml": PROMPT,
    "prompts/support/rules.md": "Teams are {{ teams | length }}.\n",
    "prompts/partials/tone.md": "Be kind.\n",
    "prompts/models/chat.model.yaml": MODEL,
    "prompts/models/other.model.yaml": MODEL.replace("gpt-test", "gpt-other"),
    "prompts/guardrails/pii.guardrail.yaml": GUARDRAIL,
    "prompts/tools/lookup-order.tool.yaml": TOOL,
}
INPUTS = {
    "teams": ["billing", "technical"],
    "ticket": "{{ no }}",
    "photo": "1",
    "conversation": [{"role": "user", "content": "Hi."}],
}


@pytest.fixture
def held(tmp_path: Path) -> Catalog:
    return catalog(write(tmp_path, FILES))


def test_nothing_is_found_in_it(held: Catalog) -> None:
    assert held.problems == ()
    assert [
        f"{it.place} {it.code} {it.message}" for it in lint(held, today=TODAY) if it.level != "info"
    ] == []


def test_every_key_is_in_the_file_and_in_the_source(held: Catalog) -> None:
    assert {line.split(":")[0] for line in PROMPT.splitlines() if line[:1].isalpha()} == set(
        keys_of(PromptSource)
    )
    source = held.prompts["support/triage"]
    defaults = from_json(PromptSource, {"promptyard": 1, "model": "m", "messages": []})
    assert [key for key in PromptSource.__slots__ if getattr(source, key) == getattr(defaults, key)] == [
        "promptyard"
    ]
    assert source.messages[1].content == FileText("support/rules.md")


def test_all_of_it_but_the_tests_is_in_the_release(held: Catalog) -> None:
    prompt = resolve(held).prompts["support/triage"]
    assert (prompt.owner, prompt.model.id, prompt.parameters) == (
        "support-platform", "models/chat", {"temperature": 0, "maxTokens": 64}
    )  # fmt: skip
    assert [ref.id for ref in (*prompt.guardrails, *prompt.tools)] == ["guardrails/pii", "tools/lookup-order"]
    assert set(prompt.includes) == {"partials/tone.md", "support/rules.md"}
    assert prompt.output is not None
    assert prompt.output.name == "triage"
    assert prompt.knowledge is not None
    assert prompt.budget is not None
    assert prompt.variants["short"].model.id == "models/other"
    assert prompt.variants["short"].parameters == {"temperature": 0.5, "maxTokens": 64}


def test_it_renders_with_roles_parts_and_history_as_written(held: Catalog) -> None:
    render = live_of(held).render("support/triage", INPUTS)
    assert [message.role for message in render.messages] == ["system", "system", "user", "user"]
    rules, prose, earlier, ticket = render.messages
    assert rules.content == (
        "You route support tickets. Be calm.\nBe kind.\n- billing\n- technical\nAnswer with JSON only."
    )
    assert (prose.content, earlier.content) == ("Teams are 2.", "Hi.")
    assert [(part.kind, part.text, part.media_type) for part in ticket.content] == [
        ("text", "{{ no }}", None),
        ("image", "1", "image/png"),
        ("file", "https://files.test/1.pdf", "application/pdf"),
    ]
    short = live_of(held).render("support/triage", INPUTS, variant="short")
    assert short.messages[0].content == "Route the ticket to one of: billing, technical. JSON only."
    assert short.model.model == "gpt-other"


def test_its_test_data_is_a_suite(held: Catalog) -> None:
    ((suite,), findings) = read_suites(held)
    assert findings == ()
    (case,) = suite.cases
    assert [it.type for it in case.expect] == ["is-json", "json"]
    assert live_of(held).render(suite.prompt, case.inputs).messages[2].content == "Hello."


@pytest.mark.parametrize(
    ("line", "wrong", "words"),
    [
        ("name: right team, json", "name: right team, jason", "jason is not a known key here."),
        ("- {name: fits the schema, jsonSchema: output}", "- {name: fits}", "exactly one of string, json, jsonSchema"),
        ("jsonSchema: output", "jsonSchema: outpt", "must be output, or a JSON Schema"),
        ("path: team, equals:", "path: team, is:", "is is not a known key here."),
        ("evaluators:", "evaluator:", "evaluator is not a known key here."),
        ("testData:\n  - teams", "testData:\n    teams", "testData must be a list"),
    ],
)  # fmt: skip
def test_a_slip_in_test_data_or_an_evaluator_has_its_place(
    tmp_path: Path, line: str, wrong: str, words: str
) -> None:
    text = PROMPT.replace(line, wrong)
    assert text != PROMPT
    found = lint(catalog(write(tmp_path, {**FILES, "prompts/support/triage.prompt.yaml": text})), today=TODAY)
    told = [it for it in found if it.code == "SCH001"]
    assert any(words in it.message for it in told), told
    assert {it.place.line for it in told} == {text[: text.index(wrong)].count("\n") + 1}


def test_an_evaluator_of_githubs_reads_with_all_its_keys() -> None:
    llm = {"modelId": "m", "prompt": "p", "systemPrompt": "s", "choices": [{"choice": "yes", "score": 1}]}
    source = from_json(EvaluatorSource, {"name": "a", "llm": llm})
    assert source.llm is not None
    assert (source.llm.model_id, source.llm.system_prompt, source.llm.choices[0].score) == ("m", "s", 1)
