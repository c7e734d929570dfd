"""An input that no template uses is a value handed over for nothing; most often a line was lost."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.subject import Subject

CODE = "VAR002"
TITLE = "Unused variable"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each declared input that neither the prompt nor a variant uses."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        templates = subject.of(prompt_id)
        if not subject.whole(prompt_id) or any(template.examination.faults for template in templates):
            continue
        used = {use.name for template in templates for use in template.examination.uses}
        for name in prompt.inputs:
            if name not in used:
                place = subject.document("prompt", prompt_id).place("inputs", name)
                message = f"No template of this prompt uses the input {name}."
                yield Diagnostic(
                    CODE, "warning", place, message, "Use it in a message, or remove it from inputs."
                )
