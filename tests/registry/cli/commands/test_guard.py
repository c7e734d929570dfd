from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from registry.cli.main import main

SET = """promptyard: 1
owner: support
defaults: {stages: [output]}
rules:
  - id: no.promises
    title: Nobody promises money
    kind: literals
    severity: high
    tags: [owasp-llm09]
    detect: {any: [we will refund you]}
    action: {block: {fallback: Sorry.}}
    tests: [{text: we will refund you, expect: hit}, {text: a refund, expect: pass}]
  - id: mail
    kind: pattern
    severity: medium
    stages: [input, output]
    source: {url: https://rules.example/, licence: MIT, rev: abc}
    detect: {any: ['[a-z]{1,20}@[a-z]{1,20}\\.example'], allow: ['@bank\\.example$']}
    action: {redact: {with: "[MAIL]"}}
    tests:
      - {text: ann@x.example, expect: hit}
      - {text: ann@bank.example, expect: pass}
      - {text: ann at x, expect: pass, knownGap: spelt out}
  - id: trial
    kind: literals
    severity: low
    mode: shadow
    shadowUntil: 2999-01-01
    detect: {any: [hello]}
    action: flag
    tests: [{text: hello, expect: hit}, {text: bye, expect: pass}]
"""
TEXT = "Dear Ann,\nhello, ask ann@x.example or ann@bank.example.\n"


@pytest.fixture
def text(yard):
    yard.write("prompts/guardrails/house.guardrail.yaml", SET)
    yard.write("mail.txt", TEXT)
    return yard.root / "mail.txt"


def test_each_hit_is_told_with_rule_place_and_action_and_no_text(run, text) -> None:
    result = run("guard", "check", str(text), code=1)
    assert result.stdout.splitlines() == [
        f"{text}:2:1 5 characters trial of guardrails/house · low · flag (shadow)",
        f"{text}:2:12 13 characters mail of guardrails/house · medium · redact",
        "redact by mail: the matched parts would be covered",
    ]
    assert "2 hits by 3 rules of stage output" in result.stderr
    assert "ann@" not in result.output


def test_what_matched_is_shown_where_it_is_asked_for(run, told, text) -> None:
    assert "    ann@x.example" in run("guard", "check", str(text), "--show", code=1).stdout.splitlines()
    found = told("guard", "check", str(text), "--show", code=1)
    assert found["text"] == TEXT.replace("ann@x.example", "[MAIL]")
    assert found["hits"][1]["matched"] == "ann@x.example"


def test_a_shadow_hit_alone_is_clean_and_the_stage_chooses_the_rules(run, told, yard, text) -> None:
    yard.write("only.txt", "hello")
    assert "pass: nothing would be done" in run("guard", "check", "only.txt").stdout
    found = told("guard", "check", str(text), "--stage", "input", code=1)
    assert ([hit["rule"] for hit in found["hits"]], found["rules"], found["action"]) == (
        ["mail"],
        1,
        "redact",
    )


def test_json_counts_places_in_code_points_and_lines(told, yard, text) -> None:
    yard.write("odd.txt", "😀\né we will refund you")
    (hit,) = told("guard", "check", "odd.txt", code=1)["hits"]
    assert {key: hit[key] for key in ("start", "end", "line", "column", "rule", "action")} == {
        "start": 4, "end": 22, "line": 2, "column": 3, "rule": "no.promises", "action": "block",
    }  # fmt: skip


def test_standard_input_is_a_text_too(text) -> None:
    result = CliRunner().invoke(main, ["guard", "check", "-", "--json"], input="we will refund you")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["rule"] == "no.promises"


def test_a_prompt_names_the_sets_that_look(told, yard, text, error_of) -> None:
    prompt = "prompts/support/triage.prompt.yaml"
    assert "GRD010 prompt support/triage names no guardrail set" in error_of(
        2, ["guard", "check", str(text), "--prompt", "support/triage"]
    )
    yard.edit(prompt, "owner: support\n", "owner: support\nguardrails: [guardrails/house]\n")
    assert told("guard", "check", str(text), "--prompt", "support/triage", code=1)["rules"] == 3


def test_explain_tells_all_about_a_rule_and_why_a_match_was_let_through(run, told, text) -> None:
    lines = run("guard", "explain", "mail", str(text)).stdout.splitlines()
    assert lines[0] == "mail of guardrails/house · "
    assert "from       https://rules.example/ at abc, MIT" in lines
    assert "known gap  spelt out" in lines
    assert f"{text}:2:12 hit 13 characters" in lines
    assert f"{text}:2:29 let through 16 characters" in lines
    found = told("guard", "explain", "guardrails/house:mail", str(text))
    assert [match["hit"] for match in found["matches"]] == [True, False]
    assert found["tests"] == {"hit": 1, "pass": 2}
    assert "ann@" not in json.dumps(found["matches"])


def test_explain_says_when_a_rule_matches_nowhere(run, text) -> None:
    assert "it matches nowhere" in run("guard", "explain", "no.promises", str(text)).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "none.txt"], "GRD011 the text none.txt cannot be read"),
        (["check", "prompts"], "GRD011 the text prompts cannot be read"),
        (["check", "bad.txt"], "GRD011 the text bad.txt is not UTF-8"),
        (["check", "mail.txt", "--set", "guardrails/hose"], "Did you mean guardrails/house?"),
        (["explain", "mial"], "Did you mean mail?"),
        (["explain", "elsewhere:mail"], "Sets are: guardrails/house."),
        (["check", "mail.txt", "--prompt", "support/none"], "PRM001"),
    ],
)
def test_what_is_not_there_is_named(error_of, yard, text, words, said) -> None:
    (yard.root / "bad.txt").write_bytes(b"\xff\xfe")
    assert said in error_of(2, ["guard", *words])


def test_a_rule_that_two_sets_have_wants_its_set(error_of, yard, text) -> None:
    yard.write("prompts/guardrails/twin.guardrail.yaml", SET)
    assert "Write guardrails/house:mail." in error_of(2, ["guard", "explain", "mail"])


def test_without_a_set_there_is_nothing_to_check_with(error_of, yard) -> None:
    yard.write("a.txt", "hello")
    assert "promptyard new guardrail" in error_of(2, ["guard", "check", "a.txt"])
