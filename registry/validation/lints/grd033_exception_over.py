"""An exception to a guardrail rule is a risk that somebody took until a day; after it, somebody has to decide again.

A service that knows the day lets the rule act again by itself, so the finding also says what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from registry.authoring.parse import Steps
from registry.authoring.sources.guardrail import GuardrailSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GRD033"
TITLE = "Exception to a guardrail rule is over"
_RULE = """\
# guardrails/links.guardrail.yaml
promptyard: 1
rules:
  - id: links
    kind: literals
    severity: low
    action: flag
    detect: {{any: [http]}}
    except:
      - {{segment: {{tenant: acme}}, until: {day}, owner: risk, reason: "RISK-7: they test links."}}
    tests:
      - {{text: see http, expect: hit}}
      - {{text: see, expect: pass}}
"""
LESSON = Lesson("error", _RULE.format(day="2020-01-31"), _RULE.format(day="2999-12-31"), excusable=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each exception and each switched-off rule whose ``until`` lies before the given day."""
    if subject.today is None:
        return
    for set_id, source in subject.catalog.guardrails.items():
        for rule, steps, until in _dated(source):
            said = _said(until, subject.today)
            if said:
                place = subject.document("guardrail", set_id).place(*steps, "until")
                message = f"The exception to rule {rule} {said}."
                hint = "Ask its owner: remove it, or give a later date and the reason for it."
                yield Diagnostic(CODE, "error", place, message, hint)


def _dated(source: GuardrailSource) -> Iterator[tuple[str, Steps, str]]:
    for index, rule in enumerate(source.rules):
        for number, each in enumerate(rule.except_):
            yield rule.id, ("rules", index, "except", number), each.until
    for name, override in source.override.items():
        for number, each in enumerate(override.except_):
            yield name, ("override", name, "except", number), each.until
        if override.disabled is not None:
            yield name, ("override", name, "disabled"), override.disabled.until


def _said(until: str, today: date) -> str:
    try:
        last = date.fromisoformat(until)
    except ValueError:
        return f"has an end that no calendar has ({until})"
    return f"was over on {until}: the rule acts again" if last < today else ""
