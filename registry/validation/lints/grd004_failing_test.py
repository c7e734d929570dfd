"""A guardrail rule that fails its own tests lets through what it names, or stops what it must not."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.asking import tried
from registry.validation.lesson import Lesson
from registry.validation.proof import prove
from registry.validation.subject import Subject

CODE = "GRD004"
TITLE = "Guardrail test that fails"
LESSON = Lesson(
    "error",
    """\
# guardrails/links.guardrail.yaml
rules:
  - id: links
    kind: pattern
    severity: low
    action: flag
    detect: {any: ['ftp']}
    tests:
      - {text: see http, expect: hit}
      - {text: see, expect: pass}
""",
    """\
# guardrails/links.guardrail.yaml
rules:
  - id: links
    kind: pattern
    severity: low
    action: flag
    detect: {any: ['http']}
    tests:
      - {text: see http, expect: hit}
      - {text: see, expect: pass}
""",
    firm="a rule that fails its own tests does not do what it says",
    excusable=True,
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each test of a rule that does not hold, whole, in pieces or disguised."""
    for set_id, source in subject.catalog.guardrails.items():
        document = subject.document("guardrail", set_id)
        for rule, test, problem in _failures(subject, set_id):
            place = document.place("rules", rule, "tests", test)
            message = f"A test of rule {source.rules[rule].id} fails: {problem}."
            hint = "Correct the rule or the test; a known gap is written expect: pass with knownGap."
            yield Diagnostic(CODE, "error", place, message, hint)


def _failures(subject: Subject, set_id: str) -> Iterator[tuple[int, int, str]]:
    """Rule, test, and what is wrong: of rules that need nothing but their text, then of those that ask a model."""
    for failure in prove(subject.catalog.guardrails[set_id]):
        if failure.test is not None:
            yield failure.rule, failure.test, failure.problem
    for each in tried(subject, set_id):
        yield from ((each.rule, test, problem) for test, problem in each.failures)
