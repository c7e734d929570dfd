"""An override that meets no rule protects nobody: it was meant for a rule that has another name, or is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from registry.authoring.extending import all_named
from registry.authoring.sources.guardrail import GuardrailSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from registry.validation.suggest import did_you_mean

CODE = "GRD031"
TITLE = "Override of a rule that is not there"
_BASE = """\
# guardrails/base.guardrail.yaml
promptyard: 1
rules:
  - id: links
    kind: literals
    severity: low
    action: flag
    detect: {any: [http]}
    tests:
      - {text: see http, expect: hit}
      - {text: see, expect: pass}
# guardrails/ours.guardrail.yaml
promptyard: 1
extends: [guardrails/base]
"""
LESSON = Lesson(
    "error",
    f"{_BASE}override: {{link: {{severity: high, reason: Links cost money here.}}}}\n",
    f"{_BASE}override: {{links: {{severity: high, reason: Links cost money here.}}}}\n",
    firm="no release can be made while an override leads nowhere",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each override whose rule no extended set has."""
    sets = subject.catalog.guardrails
    for set_id, source in sets.items():
        bases = all_named(sets, source.extends)
        known = sorted({rule.id for base in bases for rule in sets[base].rules})
        for name in source.override:
            if name not in known and len(bases) >= len(set(source.extends)):  # else a base is missing: REF001
                place = subject.document("guardrail", set_id).place("override", name)
                message = f"No set that {set_id} extends has a rule {name}."
                yield Diagnostic(CODE, "error", place, message, _hint(source, name, known))


def _hint(source: GuardrailSource, name: str, known: Collection[str]) -> str:
    if any(rule.id == name for rule in source.rules):
        return "It is a rule of this very set: change it where it stands."
    return did_you_mean(name, known) or "Name an inherited rule, or remove the override."
