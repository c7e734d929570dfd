"""The schemas that editors read and the loader that the tool reads with agree on every document.

What a JSON Schema accepts loads; what it refuses has a finding in its file.
"""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from support.content import FILES, Memory

from registry.authoring.catalog import load
from registry.authoring.resources import schema_text
from registry.settings import Settings
from registry.validation.lint import lint

PROMPT: dict[str, Any] = {
    "promptyard": 1,
    "name": "Triage",
    "description": "Routes a ticket.",
    "owner": "support",
    "model": "models/chat",
    "modelParameters": {"temperature": 0, "maxTokens": 64},
    "inputs": {
        "teams": {"type": "array", "items": {"type": "string", "maxLength": 40}, "maxItems": 20},
        "ticket": {
            "type": ["string", "null"],
            "maxLength": 80,
            "trust": "user",
            "default": "x",
            "examples": ["y"],
        },
        "page": {
            "anyOf": [
                {"enum": ["a", 1]},
                {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]},
            ]
        },
    },
    "output": {
        "schema": {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}}
    },
    "messages": [
        {"id": "rules", "role": "system", "content": "Hi", "allowUntrusted": "because"},
        {"history": "conversation"},
        {"role": "user", "content": [{"text": "a"}, {"image": "b", "mediaType": "image/png"}]},
        {"role": "assistant", "content": {"file": "rules.md"}},
    ],
    "guardrails": ["guardrails/links"],
    "tools": ["tools/lookup"],
    "variants": {
        "short": {"messages": {"rules": "Short."}, "model": "models/chat", "modelParameters": {"topP": 1}}
    },
    "knowledge": {"source": "help", "version": "2026-11-01", "maxAgeDays": 30},
    "budget": {"maxCostPerCallUsd": 0.002, "maxPromptTokens": 2000},
    "testData": [{"teams": [], "ticket": "a", "expected": {"team": "b"}}],
    "evaluators": [{"name": "a", "jsonSchema": "output"}, {"name": "b", "string": {"contains": "x"}}],
}
MODEL: dict[str, Any] = {
    "promptyard": 1,
    "engine": "openai",
    "model": "gpt-test",
    "parameters": {"temperature": 0, "maxTokens": 128, "stop": ["END"]},
    "contextTokens": 1024,
    "prices": {
        "currency": "USD", "perMillion": {"input": 0.5, "output": 1}, "source": "a", "effectiveFrom": "2026-11-01"
    },
    "fallbacks": ["models/large"],
}  # fmt: skip
GUARDRAIL: dict[str, Any] = {
    "promptyard": 1,
    "defaults": {"mode": "shadow"},
    "rules": [
        {
            "id": "links", "kind": "literals", "severity": "low", "action": {"replace": {"with": "x"}},
            "detect": {"any": ["http"]}, "shadowUntil": "2026-01-01",
            "tests": [{"text": "http", "expect": "hit"}, {"text": "b", "expect": "pass"}],
        }
    ],
}  # fmt: skip
TOOL: dict[str, Any] = {
    "promptyard": 1,
    "name": "lookup",
    "description": "Looks up.",
    "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
}
WRITTEN = {"prompt": PROMPT, "model": MODEL, "guardrail": GUARDRAIL, "tool": TOOL}
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 1.0, 0.5, 1e308, 10**30, "", "x", "user", "string", "2026-11-01", "models/chat",
    [], {}, [""], ["a", "a"], [1], {"x": 1}, {"type": "string"}, {"file": "a.md"}, {"history": "h"}, {"role": "user"},
)  # fmt: skip
KEYS = ("x", "trust", "type", "id", "content", "messages", "default", "items")
REGISTRY: Registry[Any] = Registry().with_resources(
    (f"{kind}.schema.json", Resource.from_contents(json.loads(schema_text(f"{kind}.schema.json"))))
    for kind in WRITTEN
)
VALIDATORS = {
    kind: Draft7Validator(json.loads(schema_text(f"{kind}.schema.json")), registry=REGISTRY)
    for kind in WRITTEN
}


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every holder in a document with a key of it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, item in list(pairs) for each in ((value, key), *places(item))]


def spoiled(rng: Random) -> tuple[str, Any]:
    kind = rng.choice(sorted(WRITTEN))
    data = copy.deepcopy(WRITTEN[kind])
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice(places(data) or [(data, "promptyard")])
        others = [item for holder, key in places(data) for item in [holder[key]]]
        how = rng.randint(0, 3)
        if how == 0:
            del holder[key]
        elif how == 1 and isinstance(holder, dict):
            holder[rng.choice(KEYS)] = copy.deepcopy(rng.choice(ODD))
        else:
            holder[key] = copy.deepcopy(rng.choice(ODD if how == 2 else others))
        if not data:
            break
    return kind, data


def disagreement(kind: str, data: Any) -> str:
    """What the schema and the loader see in different ways; empty where they agree."""
    name = f"prompts/it.{kind}.yaml"
    files = {path: text.encode() for path, text in FILES.items()} | {name: json.dumps(data).encode()}
    catalog = load(Memory(files), Settings())
    found = [finding for finding in lint(catalog) if finding.place.path == name]
    accepted = VALIDATORS[kind].is_valid(data)
    shape = [finding for finding in found if finding.code in ("SCH001", "SCH002", "YML001")]
    if accepted and (shape or "it" not in catalog.sources[kind]):
        return f"accepted, yet {shape or 'not loaded'}"
    return (
        ""
        if accepted or any(finding.level == "error" or finding.code.startswith("GHP") for finding in found)
        else "refused, yet no finding"
    )


@settings(max_examples=60)
@given(st.integers(0, 2**64))
def test_what_the_schema_accepts_loads_and_what_it_refuses_is_told(seed):
    rng = Random(seed)
    for _ in range(4):
        kind, data = spoiled(rng)
        assert disagreement(kind, data) == "", json.dumps(data)


def test_the_documents_are_whole():
    assert {kind: disagreement(kind, data) for kind, data in WRITTEN.items()} == dict.fromkeys(WRITTEN, "")
    assert all(VALIDATORS[kind].is_valid(data) for kind, data in WRITTEN.items())
