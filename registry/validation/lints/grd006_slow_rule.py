"""A rule that a long text can keep busy is a door: whoever writes such a text stops the service, or the guard."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.adversarial import LENGTH, LIMIT_S, slow_rules
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GRD006"
TITLE = "Guardrail rule that takes too long"
LESSON = Lesson(
    "error",
    """\
# guardrails/links.guardrail.yaml
rules:
  - id: links
    kind: pattern
    severity: low
    action: flag
    detect: {any: ['[0-9 ]{1,900}', '[0-9-]{1,900}', '[0-9.]{1,900}', '[0-9/]{1,900}', '[0-9_]{1,900}', '\\d{1,900}'], check: luhn}
    tests:
      - {text: "4012888888881881", expect: hit}
      - {text: "4012888888881882", expect: pass}
""",
    """\
# guardrails/links.guardrail.yaml
rules:
  - id: links
    kind: pattern
    severity: low
    action: flag
    detect: {any: ['\\b[0-9]{12,19}\\b'], check: luhn}
    tests:
      - {text: "4012888888881881", expect: hit}
      - {text: "4012888888881882", expect: pass}
""",
    excusable=True,
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each rule that takes more processor time on a long hostile text than it may."""
    for set_id, source in subject.catalog.guardrails.items():
        for slow in slow_rules(source):
            place = subject.document("guardrail", set_id).place("rules", slow.rule)
            name = source.rules[slow.rule].id
            message = f"Rule {name} takes more than {LIMIT_S:g} s for {LENGTH:,} characters ({slow.text})."
            hint = "Bound its patterns more tightly, or begin them with what seldom occurs."
            yield Diagnostic(CODE, "error", place, message, hint)
