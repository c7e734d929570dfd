"""The tests of a rule that asks a model prove nothing where the model is missing; then someone must know that."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.asking import tried
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GRD021"
TITLE = "Guardrail tests not run"
LESSON = Lesson(
    "info",
    """\
# guardrails/tone.guardrail.yaml
rules:
  - id: tone.promise
    kind: judge
    severity: low
    action: flag
    detect: {model: models/judge, question: Does the text promise a refund?}
    tests:
      - {text: You will get all of your money back., expect: hit}
      - {text: Please ask the shop about it., expect: pass}
# models/judge.model.yaml
engine: openai
model: gpt-test
""",
    """\
# guardrails/tone.guardrail.yaml
rules:
  - id: tone.promise
    kind: literals
    severity: low
    action: flag
    detect: {any: [get all of your money back]}
    tests:
      - {text: You will get all of your money back., expect: hit}
      - {text: Please ask the shop about it., expect: pass}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each rule whose model is not at hand: an extra, weights, or a hosted model, which lint never asks."""
    for set_id in subject.catalog.guardrails:
        for each in tried(subject, set_id):
            if each.missing is not None:
                place = subject.document("guardrail", set_id).place("rules", each.rule, "tests")
                why, advice = each.missing
                yield Diagnostic(CODE, "info", place, f"These tests were not run: {why}.", advice)
