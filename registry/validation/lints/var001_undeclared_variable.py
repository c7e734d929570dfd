"""A variable that no one declares has no value at run time, so every call of the prompt would be refused."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.subject import Subject
from registry.validation.suggest import did_you_mean

CODE = "VAR001"
TITLE = "Undeclared variable"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each use of a variable that is not under ``inputs``."""
    for template in subject.templates:
        inputs = subject.catalog.prompts[template.site.prompt].inputs
        for use in template.examination.uses:
            if use.name not in inputs:
                message = f"The variable {use.name} is not declared by prompt {template.site.prompt}."
                hint = (
                    did_you_mean(use.name, inputs)
                    or f"Add {use.name} under inputs, with its type and its bound."
                )
                yield Diagnostic(CODE, "error", template.place(use.line, use.name), message, hint)
