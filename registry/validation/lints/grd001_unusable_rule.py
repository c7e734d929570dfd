"""A rule that the run time cannot use would be refused at release; a guard must never be left out in silence.

The codes are the run time's own: GRD001 for the rule, GRD002 for its stream setting, GRD003 for a doubled id.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.guardrail import GuardrailSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from serve.core.errors import BundleRefused
from serve.core.guard.engine import compile_guard
from serve.core.model import GuardrailSet

CODE = "GRD001"
TITLE = "Guardrail rule that cannot be used"
LESSON = Lesson(
    "error",
    """\
# guardrails/links.guardrail.yaml
rules:
  - id: links
    kind: pattern
    severity: low
    action: flag
    detect: {any: ['(http']}
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
    detect: {any: ['https?']}
    tests:
      - {text: see http, expect: hit}
      - {text: see, expect: pass}
""",
    firm="a release with such a rule is refused by every service",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each rule that does not compile, alone or beside the rules before it."""
    for set_id, source in subject.catalog.guardrails.items():
        for index, refused in _refusals(set_id, source):
            place = subject.document("guardrail", set_id).place("rules", index)
            message = f"{refused.what[:1].upper()}{refused.what[1:]}."
            yield Diagnostic(refused.code, "error", place, message, refused.next_step)


def _refusals(set_id: str, source: GuardrailSource) -> Iterator[tuple[int, BundleRefused]]:
    seen: set[str] = set()
    for index, rule in enumerate(source.rules):
        try:
            resolved = rule.resolved(source.defaults)
            compile_guard([GuardrailSet(set_id, (resolved, resolved) if rule.id in seen else (resolved,))])
        except BundleRefused as refused:
            yield index, refused
        seen.add(rule.id)
