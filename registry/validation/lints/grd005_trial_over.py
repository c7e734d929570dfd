"""A rule in shadow only counts; once its trial is over someone must decide, or it counts for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from registry.authoring.parse import Steps
from registry.authoring.sources.guardrail import GuardrailSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GRD005"
TITLE = "Trial of a guardrail rule is over"
LESSON = Lesson(
    "warning",
    """\
# guardrails/links.guardrail.yaml
rules:
  - id: links
    kind: literals
    severity: low
    action: flag
    detect: {any: [http]}
    mode: shadow
    shadowUntil: 2020-01-31
    tests:
      - {text: see http, expect: hit}
      - {text: see, expect: pass}
""",
    """\
# guardrails/links.guardrail.yaml
rules:
  - id: links
    kind: literals
    severity: low
    action: flag
    detect: {any: [http]}
    mode: enforce
    tests:
      - {text: see http, expect: hit}
      - {text: see, expect: pass}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each rule in shadow whose ``shadowUntil`` lies before the given day."""
    for set_id, source in subject.catalog.guardrails.items():
        for rule, steps, until in _trials(source):
            if subject.today is not None and _is_over(until, subject.today):
                place = subject.document("guardrail", set_id).place(*steps, "shadowUntil")
                message = f"The trial of rule {rule} was over on {until}."
                hint = "Read its counts, then set mode: enforce, a later date, or remove the rule."
                yield Diagnostic(CODE, "warning", place, message, hint)


def _trials(source: GuardrailSource) -> Iterator[tuple[str, Steps, str | None]]:
    for index, rule in enumerate(source.rules):
        if (rule.mode or source.defaults.mode) == "shadow":
            yield rule.id, ("rules", index), rule.shadow_until
    for name, override in source.override.items():
        if override.mode == "shadow":
            yield name, ("override", name), override.shadow_until


def _is_over(until: str | None, today: date) -> bool:
    return until is not None and until < today.isoformat()
