"""Guardrail rules that ask a model, from the command line: lint, guard and a release."""

from __future__ import annotations

import json
import shutil

import pytest
from support.models import WEIGHTS
from support.tiny import tiny

from registry.evaluation.engines.weights import digest_of
from serve.core.bundle import unpack

pytest.importorskip("ctranslate2", reason="needs the guard-ml extra")

SET = """promptyard: 1
owner: risk
defaults: {{stages: [output]}}
rules:
  - id: lang.english
    kind: language
    severity: low
    action: block
    detect: {{allow: [en]}}
    stream: {{mode: buffer}}
    tests:
      - {{text: Bonjour tout le monde et bienvenue chez nous, expect: hit}}
      - {{text: Your parcel will arrive on Tuesday, expect: pass}}
  - id: topic.card
    kind: similarity
    severity: low
    action: {{redact: {{with: '[card]'}}}}
    detect: {{model: models/tiny, examples: [My card was charged twice.], threshold: {threshold}}}
    stream: {{mode: buffer}}
    tests:
      - {{text: My card was charged twice., expect: hit}}
      - {{text: Where can I find the nearest branch of your bank today?, expect: pass}}
"""
JUDGE = """  - id: tone.rude
    kind: judge
    severity: low
    action: flag
    detect: {model: MODEL, question: Is it rude?, threshold: 0.000001}
    tests: [{text: You fool., expect: hit}, {text: '', expect: pass}]
"""
MODEL = "promptyard: 1\nengine: ctranslate2\nmodel: {0}\nkind: {1}\ncontextTokens: {2}\nweights: {{path: {0}, sha256: {3}}}\n"


@pytest.fixture
def asking(yard, tmp_path):
    """A registry with an encoder, and a set that asks it."""
    made = tiny("bert", tmp_path)
    shutil.copytree(made, yard.root / "prompts/models/bert")
    yard.write("prompts/models/tiny.model.yaml", MODEL.format("bert", "encoder", 64, digest_of(made)))
    yard.write("prompts/guardrails/topics.guardrail.yaml", SET.format(threshold=0.999))
    return yard


def findings(told, *words: str, code: int = 0) -> list[str]:
    return [
        f"{f['code']} {f['message']}"
        for f in told("lint", *words, code=code)["findings"]
        if f["code"] != "REF002"
    ]


def test_lint_runs_the_tests_of_rules_on_their_models(told, asking):
    assert findings(told) == []
    asking.write("prompts/guardrails/topics.guardrail.yaml", SET.format(threshold=0.01))
    assert findings(told, code=1) == ["GRD004 A test of rule topic.card fails: expected pass, got hit."]


def test_lint_says_which_tests_it_could_not_run_and_runs_them_once_it_can(told, asking, monkeypatch):
    model = asking.root / "prompts/models/tiny.model.yaml"
    digest = digest_of(asking.root / "prompts/models/bert")
    model.write_text(
        model.read_text().replace(
            "{path: bert, ", "{huggingface: org/bert@0123456789abcdef0123456789abcdef01234567, "
        )
    )
    for _ in range(2):
        (said,) = findings(told)
        assert said.startswith(
            "GRD021 These tests were not run: rule topic.card of kind similarity cannot work here"
        )
    from registry.evaluation.engines.weights import CONVERSION
    from serve.core.digest import sha256

    cache = asking.root / ".promptyard/cache/weights"
    shutil.copytree(asking.root / "prompts/models/bert", cache / digest)
    (cache / "hub").mkdir()
    name = sha256(f"org/bert@0123456789abcdef0123456789abcdef01234567 {CONVERSION}".encode())
    (cache / "hub" / name).write_text(digest)
    assert findings(told) == []


def test_a_hosted_judge_is_never_asked_by_lint_and_by_guard_only_when_told_to(told, run, asking, monkeypatch):
    asking.write(
        "prompts/models/chat.model.yaml",
        "promptyard: 1\nengine: openai\nmodel: gpt-test\nparameters: {maxTokens: 8}\n",
    )
    asking.write(
        "prompts/guardrails/topics.guardrail.yaml",
        SET.format(threshold=0.999) + JUDGE.replace("MODEL", "models/chat"),
    )
    assert [each.partition(" cannot")[0] for each in findings(told)] == [
        "GRD021 These tests were not run: rule tone.rude of kind judge"
    ]
    asking.write("text.txt", "You fool.")
    refused = run("guard", "check", "text.txt", code=3)
    assert "GRD020 rule tone.rude of kind judge cannot work here" in refused.stderr
    assert "promptyard guard check --ask" in refused.stderr
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asked = run("guard", "check", "text.txt", "--ask", code=1)
    assert "rule tone.rude could not be evaluated" in asked.stdout


def test_a_local_judge_is_asked_by_lint_and_guard(told, run, asking):
    shutil.copytree(WEIGHTS, asking.root / "prompts/models/demo")
    asking.write(
        "prompts/models/judge.model.yaml", MODEL.format("demo", "generator", 512, digest_of(WEIGHTS))
    )
    asking.write(
        "prompts/guardrails/topics.guardrail.yaml",
        SET.format(threshold=0.999) + JUDGE.replace("MODEL", "models/judge"),
    )
    assert findings(told) == []
    asking.write("text.txt", "You fool.")
    found = told("guard", "check", "text.txt")
    assert [hit["rule"] for hit in found["hits"]] == ["tone.rude"]
    assert found["hits"][0]["detail"].startswith("answer yes ")


def test_guard_tells_score_and_threshold_of_each_passage(run, told, asking):
    asking.write(
        "text.txt", "My card was charged twice. Where can I find the nearest branch of your bank today?"
    )
    said = run("guard", "check", "text.txt", "--set", "guardrails/topics", code=1).stdout
    assert "1:1 26 characters topic.card of guardrails/topics · low · redact · similarity 1.00" in said
    looks = told("guard", "explain", "topic.card", "text.txt")["matches"]
    assert all("similarity " in look["detail"] and "threshold 0.999" in look["detail"] for look in looks)
    assert [look["hit"] for look in looks] == [True, False]


def test_weights_are_fetched_for_services(told, asking, tmp_path):
    (one,) = told("guard", "fetch", str(tmp_path / "srv"))["weights"]
    assert one["model"] == "models/tiny"
    assert digest_of(tmp_path / "srv" / one["sha256"]) == one["sha256"]


def test_a_release_holds_the_pin_and_no_weights(asking, run, told):
    prompt = "promptyard: 1\nowner: risk\nmodel: models/chat\nguardrails: [guardrails/topics]\n"
    prompt += "messages: [{role: user, content: Hello.}]\n"
    asking.write(
        "prompts/models/chat.model.yaml",
        "promptyard: 1\nengine: openai\nmodel: gpt-test\nparameters: {maxTokens: 8}\n",
    )
    asking.write("prompts/hello.prompt.yaml", prompt)
    asking.commit("guarded")
    run("release", "--out", "bundle")
    data = (asking.root / "bundle").read_bytes()
    assert len(data) < 20_000
    rules = unpack(data).guardrails["guardrails/topics"].rules
    pin = next(rule for rule in rules if rule.kind == "similarity").detect["model"]
    assert pin["id"] == "models/tiny"
    assert pin["sha256"] == digest_of(asking.root / "prompts/models/bert")
    assert "path" not in json.dumps(pin)
