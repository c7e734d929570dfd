from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from registry.cli.main import main
from serve.core.inputs import marker_of

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


OURS = """promptyard: 1
owner: risk
extends: [guardrails/house]
override:
  mail:
    reason: Addresses never leave this chat.
    action: block
    except:
      - {segment: {tenant: acme, vip: true}, until: 2999-01-01, owner: risk, reason: "RISK-7: it is their mailbox."}
      - {texts: [ann@x.example], until: 2999-01-01, owner: risk, reason: "RISK-8: the sample address."}
  no.promises:
    disabled: {until: 2999-01-01, owner: risk, reason: "RISK-9: being reworded."}
"""


def test_explain_tells_where_an_inherited_rule_comes_from_and_what_was_changed(run, told, yard, text) -> None:
    yard.write("prompts/guardrails/ours.guardrail.yaml", OURS)
    lines = run("guard", "explain", "guardrails/ours:mail").stdout.splitlines()
    assert lines[:5] == [
        "mail of guardrails/ours · ",
        "written in guardrails/house",
        "overridden by guardrails/ours",
        "exception  except for tenant acme, vip True until 2999-01-01, risk: RISK-7: it is their mailbox.",
        "exception  except for 1 text until 2999-01-01, risk: RISK-8: the sample address.",
    ]
    off = run("guard", "explain", "guardrails/ours:no.promises").stdout
    assert "switched off until 2999-01-01, risk: RISK-9: being reworded." in off
    found = told("guard", "explain", "guardrails/ours:mail")
    assert (found["writtenIn"], found["overriddenBy"]) == ("guardrails/house", ["guardrails/ours"])
    assert "written in" not in run("guard", "explain", "mail").stdout


def test_exceptions_hold_for_their_segment_and_their_texts(told, yard, text) -> None:
    yard.write("prompts/guardrails/ours.guardrail.yaml", OURS)
    yard.write("mail.txt", "we will refund you, ann@x.example and bob@x.example")
    words = ("guard", "check", "mail.txt", "--set", "guardrails/ours")
    found = told(*words, "--segment", "tenant=acme", code=1)
    assert [(hit["rule"], hit["start"], hit["action"]) for hit in found["hits"]] == [("mail", 38, "block")]
    assert told(*words, "--segment", "tenant=acme", "--segment", "vip=true")["hits"] == []


def test_sets_that_do_not_go_together_are_refused_with_the_lint_s_code(error_of, yard, text) -> None:
    yard.write("prompts/guardrails/ours.guardrail.yaml", OURS.replace("  mail:", "  mial:"))
    assert "GRD031 set guardrails/ours overrides mial" in error_of(1, ["guard", "check", "mail.txt"])


LEAK = """promptyard: 1
owner: risk
rules:
  - id: leak
    kind: canary
    severity: high
    stages: [output]
    action: block
    detect: {minFragment: 12}
    tests:
      - {text: py-9f3a7c51d2e84b60, given: {canary: py-9f3a7c51d2e84b60}, expect: hit}
      - {text: hello, given: {canary: py-9f3a7c51d2e84b60}, expect: pass}
"""


def test_a_canary_is_that_of_the_prompt_or_the_one_that_is_named(run, told, error_of, yard, text) -> None:
    marker = marker_of("support/triage")
    yard.write("prompts/guardrails/house.guardrail.yaml", LEAK)
    yard.edit(
        "prompts/support/triage.prompt.yaml",
        "inputs:\n",
        "guardrails: [guardrails/house]\ninputs:\n  canary: {type: string, maxLength: 36}\n",
    )
    yard.write("mail.txt", f"It is {marker[::-1]}.")
    assert told("guard", "check", "mail.txt", "--prompt", "support/triage", code=1)["rule"] == "leak"
    assert told("guard", "check", "mail.txt", "--canary", marker, code=1)["rule"] == "leak"
    blind = run("guard", "check", "mail.txt")
    assert "rule leak did not look, since no canary is known" in blind.stderr
    assert "hit 19 characters" in run("guard", "explain", "leak", "mail.txt", "--canary", marker).stdout
    assert "GRD013 rule leak does not look: no canary is known" in error_of(
        2, ["guard", "explain", "leak", "mail.txt"]
    )
    assert "GRD012" in error_of(2, ["guard", "check", "mail.txt", "--segment", "acme"])


@pytest.mark.parametrize(
    ("units", "span"), [("code-points", [4, 22]), ("utf-8", [8, 26]), ("utf-16", [5, 23])]
)
def test_json_counts_places_as_it_is_asked_to(told, yard, text, units, span) -> None:
    yard.write("odd.txt", "😀\né we will refund you")
    found = told("guard", "check", "odd.txt", "--units", units, code=1)
    assert (found["units"], [found["hits"][0][key] for key in ("start", "end")]) == (units, span)


def test_a_rule_that_two_sets_have_wants_its_set(error_of, yard, text) -> None:
    yard.write("prompts/guardrails/twin.guardrail.yaml", SET)
    assert "Write guardrails/house:mail." in error_of(2, ["guard", "explain", "mail"])


def test_without_a_set_there_is_nothing_to_check_with(error_of, yard) -> None:
    yard.write("a.txt", "hello")
    assert "promptyard new guardrail" in error_of(2, ["guard", "check", "a.txt"])


def test_harmless_texts_are_counted_recorded_and_may_not_rise(run, told, yard, text) -> None:
    folder = "prompts/guardrails/benign"
    result = run("guard", "benign", code=2)
    assert "GRD014 there is no harmless text" in result.stderr
    yard.write(f"{folder}/chat.txt", "hello there\n%%\nnothing\n%%\nhello ann@x.example\n")
    result = run("guard", "benign", code=1)
    assert "guardrails/house 2 of 3 texts, 0 recorded · risen" in result.stdout
    assert f"{folder}/chat.txt:5 mail, 13 characters" in result.stdout
    assert "ann@" not in result.output
    run("guard", "benign", "--write")
    assert told("guard", "benign") == {
        "texts": 3,
        "sets": [{"set": "guardrails/house", "alarms": 2, "recorded": 2}],
        "alarms": [
            {
                "set": "guardrails/house",
                "rule": name,
                "file": f"{folder}/chat.txt",
                "line": line,
                "start": low,
                "end": high,
            }
            for name, line, low, high in (("trial", 1, 0, 5), ("mail", 5, 6, 19), ("trial", 5, 0, 5))
        ],
        "risen": [],
    }
    yard.write(f"{folder}/chat.txt", "hello there\n")
    assert "1 of 1 texts, 2 recorded · fewer" in run("guard", "benign").stdout


def test_a_hit_of_an_inherited_rule_is_told_once_where_it_is_written(told, yard, text) -> None:
    yard.write(
        "prompts/guardrails/ours.guardrail.yaml", "promptyard: 1\nowner: risk\nextends: [guardrails/house]\n"
    )
    yard.write("mail.txt", "Mail ann@x.example\n")
    hits = told("guard", "check", "mail.txt", code=1)["hits"]
    assert [(hit["rule"], hit["set"]) for hit in hits] == [("mail", "guardrails/house")]
    (hit,) = told("guard", "check", "mail.txt", "--set", "guardrails/ours", code=1)["hits"]
    assert hit["set"] == "guardrails/ours"
    yard.write("prompts/guardrails/ours.guardrail.yaml", OURS)
    hits = told("guard", "check", "mail.txt", "--segment", "tenant=acme", code=1)["hits"]
    assert [hit["set"] for hit in hits] == ["guardrails/house"], "ours lets its sample address through"
