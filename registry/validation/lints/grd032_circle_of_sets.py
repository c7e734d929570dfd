"""Guardrail sets that build on each other in a circle have no beginning, and so no rules that anyone could release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.authoring.sources.guardrail import GuardrailSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GRD032"
TITLE = "Guardrail sets that build on each other"
_RULES = """\
rules:
  - id: {name}
    kind: literals
    severity: low
    action: flag
    detect: {{any: [http]}}
    tests:
      - {{text: see http, expect: hit}}
      - {{text: see, expect: pass}}
"""
_BASE = f"# guardrails/base.guardrail.yaml\npromptyard: 1\n{_RULES.format(name='links')}"
_OURS = f"# guardrails/ours.guardrail.yaml\npromptyard: 1\nextends: [guardrails/base]\n{_RULES.format(name='ours')}"
LESSON = Lesson(
    "error",
    f"{_BASE}extends: [guardrails/ours]\n{_OURS}",
    f"{_BASE}{_OURS}",
    firm="no release can be made of sets without a beginning",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each name under ``extends`` that leads back to the set itself."""
    sets = subject.catalog.guardrails
    for set_id, source in sets.items():
        for index, base in enumerate(source.extends):
            way = _way(sets, base, set_id)
            if way:
                place = subject.document("guardrail", set_id).place("extends", index)
                message = f"The set builds on itself: {' > '.join((set_id, *way))}."
                hint = "Move the rules that both need into a set of their own, which both extend."
                yield Diagnostic(CODE, "error", place, message, hint)


def _way(sets: Mapping[str, GuardrailSource], start: str, goal: str) -> tuple[str, ...]:
    """The shortest way from a set to another along ``extends``, both among it; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        for base in sets[way[-1]].extends if way[-1] in sets else ():
            if base not in seen:
                seen.add(base)
                ways.append((*way, base))
    return ()
