from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.evaluation.guarding import Guarded, together
from registry.evaluation.report import lines
from registry.evaluation.trial import examine
from registry.evaluation.verdict import Verdict
from serve.core.codec import from_json, to_json
from serve.core.guard.engine import Guard

PROMPT = "prompts/words/shout.prompt.yaml"
NAMES_SETS = FILES[PROMPT].replace("owner: words", "owner: words\nguardrails: [guardrails/words]")
SET = """\
promptyard: 1
owner: words
rules:
  - {id: fruit.apple, kind: literals, severity: high, detect: {any: [apple]}, action: redact, stages: [output],
     tests: [{text: an apple, expect: hit}, {text: a pear, expect: pass}]}
  - {id: fruit.cherry, kind: literals, severity: low, detect: {any: [cherry]}, action: flag, stages: [output],
     tests: [{text: a cherry, expect: hit}, {text: a pear, expect: pass}]}
  - {id: fruit.berry, kind: literals, severity: high, detect: {any: [berry]}, stages: [input],
     action: {block: {fallback: No.}}, tests: [{text: a berry, expect: hit}, {text: a pear, expect: pass}]}
"""
GUARDED = {
    PROMPT: NAMES_SETS,
    "prompts/guardrails/words.guardrail.yaml": SET,
    "prompts/words/shown.suite.yaml": "",
}


def examined(tmp_path: Path, changes: dict[str, str], base: dict[str, str] | None = None) -> Verdict:
    head = arm(write(tmp_path / "head", changes))
    before = None if base is None else arm(write(tmp_path / "base", base), "base")
    suites = tuple(head.suites.values())
    return examine(suites, head, before, engines(tmp_path, SpokenEngine(str.upper)))[0]


def told(verdict: Verdict) -> list[tuple[str, str]]:
    return [(line.text, line.tone) for line in lines(verdict) if line.label == "guardrails"]


def test_every_case_meets_its_prompts_own_rules_and_none_fails_by_them(tmp_path: Path) -> None:
    verdict = examined(tmp_path, GUARDED)
    assert (verdict.word, verdict.exit_code) == ("PASS", 0)
    assert verdict.guarded == (
        Guarded("head", "output", 3, {"fruit.apple": 1}),
        Guarded("head", "input", 3, {"fruit.berry": 1}),
    )
    assert told(verdict) == [
        ("1 of 3 answers would be changed or refused (fruit.apple 1)", "doubt"),
        ("1 of 3 inputs would be changed or refused (fruit.berry 1)", "doubt"),
    ]
    assert from_json(Verdict, json.loads(json.dumps(to_json(verdict)))).guarded == verdict.guarded


def test_base_is_told_beside_head(tmp_path: Path) -> None:
    mild = {**GUARDED, "prompts/guardrails/words.guardrail.yaml": SET.replace("any: [apple]", "any: [pear]")}
    verdict = examined(tmp_path, mild, base=GUARDED)
    assert told(verdict)[0] == ("0 of 3 answers would be changed or refused; base: 1 of 3", "dim")


def test_a_prompt_without_sets_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guard, "check", None)
    verdict = examined(tmp_path, {"prompts/words/shown.suite.yaml": ""})
    assert (verdict.guarded, told(verdict)) == ((), [])


def test_a_suite_that_renders_has_inputs_and_no_answers(tmp_path: Path) -> None:
    shown = {**GUARDED, "prompts/words/shown.suite.yaml": FILES["prompts/words/shown.suite.yaml"]}
    head = arm(write(tmp_path / "head", shown))
    (verdict,) = examine([head.suites["words/shown"]], head, None, engines(tmp_path, SpokenEngine(str.upper)))
    assert verdict.guarded == (Guarded("head", "input", 1),)


def test_one_answer_is_looked_at_once_however_often_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = Guard.check

    def check(self, text, *args, **named):  # type: ignore[no-untyped-def]
        seen.append(text)
        return real(self, text, *args, **named)

    monkeypatch.setattr(Guard, "check", check)
    thrice = {
        **GUARDED,
        "prompts/words/shout.suite.yaml": FILES["prompts/words/shout.suite.yaml"] + "samples: 3\n",
    }
    verdict = examined(tmp_path, thrice)
    assert sorted(seen) == ["APPLE", "BERRY", "CHERRY", "apple", "berry", "cherry"]
    assert [(it.looked, it.met) for it in verdict.guarded] == [(9, 3), (3, 1)]


def test_a_rule_that_cannot_be_evaluated_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from serve.core.guard.checks.literals import LiteralsDetector

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(LiteralsDetector, "find", broken)
    openly = {
        **GUARDED,
        "prompts/guardrails/words.guardrail.yaml": SET.replace("stages:", "onError: open, stages:"),
    }
    verdict = examined(tmp_path, openly)
    assert verdict.exit_code == 0
    text, tone = told(verdict)[1]
    assert text == "0 of 3 inputs would be changed or refused; could not be evaluated: fruit.berry 3"
    assert tone == "doubt"


def test_an_answer_that_never_came_is_not_looked_at(tmp_path: Path) -> None:
    head = arm(write(tmp_path / "head", GUARDED))

    class Silent(SpokenEngine):
        def complete(self, requests):  # type: ignore[no-untyped-def]
            for index, completion in super().complete(requests):
                yield index, replace(completion, error="it is gone")

    suites = tuple(head.suites.values())
    (verdict,) = examine(suites, head, None, engines(tmp_path, Silent(str.upper)))
    assert [it.side for it in verdict.guarded] == ["input"]


def test_parts_of_a_run_add_up() -> None:
    one = (Guarded("head", "output", 3, {"a": 1}, {"x": 1}), Guarded("head", "input", 2))
    two = (Guarded("head", "output", 4, {"a": 2, "b": 1}),)
    assert together([one, two, ()]) == (
        Guarded("head", "output", 7, {"a": 3, "b": 1}, {"x": 1}),
        Guarded("head", "input", 2),
    )
    assert together([]) == ()
