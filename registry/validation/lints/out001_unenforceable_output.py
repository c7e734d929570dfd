"""Structured output takes a part of JSON Schema; a provider refuses the rest at the first call, or passes over it."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.prompt import PromptSource
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from serve.core.payloads import SCHEMA_RULES
from serve.core.payloads.structured import SchemaFault, schema_faults

CODE = "OUT001"
TITLE = "Output schema that cannot be enforced"
LESSON = Lesson(
    "warning",
    """\
output:
  schema:
    type: object
    properties: {answer: {type: string}}
""",
    """\
output:
  schema:
    type: object
    additionalProperties: false
    required: [answer]
    properties: {answer: {type: string}}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each fault of an output schema that the engine of a model in question does not take."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        if prompt.output is None:
            continue
        document = subject.document("prompt", prompt_id)
        found: dict[SchemaFault, list[str]] = {}
        for engine in _engines(subject, prompt):
            for fault in schema_faults(prompt.output.schema, SCHEMA_RULES[engine]):
                found.setdefault(fault, []).append(engine)
        for fault, engines in found.items():
            place = document.place("output", "schema", *fault.steps)
            message = f"{' and '.join(engines)} cannot enforce this schema: {fault.problem}."
            yield Diagnostic(CODE, "warning", place, message, fault.advice)


def _engines(subject: Subject, prompt: PromptSource) -> list[str]:
    names = {prompt.model, *(arm.model for arm in prompt.variants.values() if arm.model)}
    models = subject.catalog.models
    return sorted({models[name].engine for name in names if name in models} & SCHEMA_RULES.keys())
