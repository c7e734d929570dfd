"""A rule that the run time cannot use would be refused at release; a guard must never be left out in silence.

The codes are the run time's own: GRD001 for the rule, GRD002 for its stream setting, GRD003 for a doubled id.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.extending import ExtendError, Extending
from registry.authoring.sources.guardrail import GuardrailSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.remembered import by_set
from registry.validation.subject import Subject
from serve.core.errors import BundleRefused
from serve.core.guard.checks.asked import LATER
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
        for index, refused in _refusals(set_id, source) if _unusable(source) else ():
            place = subject.document("guardrail", set_id).place("rules", index)
            message = f"{refused.what[:1].upper()}{refused.what[1:]}."
            yield Diagnostic(refused.code, "error", place, message, refused.next_step)
    yield from _not_together(subject)


def _not_together(subject: Subject) -> Iterator[Diagnostic]:
    """Sets that cannot be put together because of an id that comes twice, or of an override that means nothing."""
    sets = Extending(subject.catalog.guardrails)
    for set_id, source in subject.catalog.guardrails.items():
        try:
            _ = sets.rules(set_id) if source.extends or source.override else ()
        except BundleRefused:
            continue  # told above, at the rule itself
        except ExtendError as error:
            if error.set_id == set_id and error.code.startswith("GRD00"):
                place = subject.document("guardrail", set_id).place(*error.steps)
                message = f"{error.what[:1].upper()}{error.what[1:]}."
                yield Diagnostic(error.code, "error", place, message, error.advice)


@by_set
def _unusable(source: GuardrailSource) -> bool:
    return any(True for _ in _refusals("", source))


def _refusals(set_id: str, source: GuardrailSource) -> Iterator[tuple[int, BundleRefused]]:
    seen: set[str] = set()
    for index, rule in enumerate(source.rules):
        try:
            resolved = rule.resolved(source.defaults)
            rules = (resolved, resolved) if rule.id in seen else (resolved,)
            compile_guard([GuardrailSet(set_id, rules)], LATER)
        except BundleRefused as refused:
            yield index, refused
        seen.add(rule.id)
