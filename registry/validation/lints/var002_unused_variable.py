"""An input that no template uses is a value handed over for nothing; most often a line was lost."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.lints.tpl004_ambiguous_braces import in_template
from registry.validation.subject import Subject

CODE = "VAR002"
TITLE = "Unused variable"
LESSON = Lesson(
    "warning",
    """\
inputs:
  question: {type: string, maxLength: 500}
  tone: {type: string, maxLength: 20}
""",
    """\
inputs:
  question: {type: string, maxLength: 500}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each declared input that neither the prompt nor a variant uses, in braces of any kind."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        templates = subject.of(prompt_id)
        if not subject.whole(prompt_id) or any(template.examination.faults for template in templates):
            continue
        used = {use.name for template in templates for use in template.examination.uses}
        if used.issuperset(prompt.inputs):
            continue
        used |= {found.name for template in templates for found in in_template(subject, template)}
        for name in prompt.inputs:
            if name not in used:
                place = subject.document("prompt", prompt_id).place("inputs", name)
                message = f"No template of this prompt uses the input {name}."
                yield Diagnostic(
                    CODE, "warning", place, message, "Use it in a message, or remove it from inputs."
                )
