from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from support.content import FILES, catalog, write

from registry.validation.asking import tried
from registry.validation.subject import subject_of
from serve.core.guard.checks.asked import Asked, AskedDetect, NotHere
from serve.core.model import RuleKind

SET = """\
promptyard: 1
owner: support
rules:
  - id: words
    kind: literals
    severity: low
    action: flag
    detect: {any: [hello]}
    tests: [{text: hello, expect: hit}, {text: bye, expect: pass}]
  - id: tone.rude
    kind: judge
    severity: low
    action: {redact: {with: '***'}}
    detect: {model: models/chat, question: QUESTION}
    stream: {mode: buffer}
    tests: [{text: You fool., expect: hit, out: '***'}, {text: Thank you., expect: pass}]
  - id: odd
    kind: judge
    severity: low
    action: flag
    detect: {model: models/none, question: Is it odd?}
    tests: [{text: odd, expect: hit}, {text: even, expect: pass}]
"""


class Judge:
    """Calls a text rude that holds a word; counts what it was asked."""

    def __init__(self, word: str) -> None:
        self.word, self.asked = word, 0

    def open(self, _kind: RuleKind, _detect: AskedDetect, /) -> Asked:
        return self

    def shares(self, texts: Sequence[str], /) -> list[Mapping[str, float]]:
        self.asked += len(texts)
        return [{"yes": float(self.word in text), "no": float(self.word not in text)} for text in texts]


class Nobody:
    def open(self, _kind: RuleKind, _detect: AskedDetect, /) -> Asked:
        raise NotHere("there is no judge", "Get one.")


def subject(tmp_path, question: str, models):
    files = {**FILES, "prompts/guardrails/tone.guardrail.yaml": SET.replace("QUESTION", question)}
    return subject_of(catalog(write(tmp_path, files)), None, (), models)


def test_only_rules_that_ask_a_known_model_are_tried(tmp_path):
    (found,) = tried(subject(tmp_path, "Is it rude (1)?", Judge("fool")), "guardrails/tone")
    assert (found.rule, found.failures, found.missing) == (1, (), None)


def test_what_a_test_expects_otherwise_is_a_failure(tmp_path):
    (found,) = tried(subject(tmp_path, "Is it rude (2)?", Judge("Thank")), "guardrails/tone")
    assert found.failures == ((0, "expected hit, got pass"), (1, "expected pass, got hit"))


def test_a_missing_model_is_told_and_not_remembered(tmp_path):
    question = "Is it rude (3)?"
    (found,) = tried(subject(tmp_path, question, Nobody()), "guardrails/tone")
    assert found.missing == ("rule tone.rude of kind judge cannot work here: there is no judge", "Get one.")
    (found,) = tried(subject(tmp_path, question, None), "guardrails/tone")
    assert found.missing is not None
    judge = Judge("fool")
    (found,) = tried(subject(tmp_path, question, judge), "guardrails/tone")
    assert (found.missing, judge.asked) == (None, 4)
    tuple(tried(subject(tmp_path, question, judge), "guardrails/tone"))
    assert judge.asked == 4


@pytest.mark.parametrize("models", [None, Nobody()])
def test_nobody_is_asked_where_nothing_asks(tmp_path, models):
    held = subject_of(catalog(write(tmp_path, FILES)), None, (), models)
    assert not [each for set_id in held.catalog.guardrails for each in tried(held, set_id)]
