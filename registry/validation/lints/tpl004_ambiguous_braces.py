"""``{name}`` or ``${name}`` is a variable elsewhere; here it is text, and the model sees the braces."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.lookalikes import Lookalike, lookalikes
from registry.validation.subject import Subject, Template

CODE = "TPL004"
TITLE = "Text that looks like a variable"
LESSON = Lesson(
    "warning",
    'messages:\n  - {role: user, content: "Answer this: {question}"}\n',
    'messages:\n  - {role: user, content: "Answer this: {{ question }}"}\n',
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each declared input whose name stands in a template in other brackets than ``{{ }}``."""
    for template in subject.templates:
        for found in in_template(subject, template):
            message = f"{found.written} is text; it is not replaced by the input {found.name}."
            hint = f"Write {{{{ {found.name} }}}}, or put it into {{% raw %}} … {{% endraw %}} if it is meant as text."
            yield Diagnostic(CODE, "warning", template.place(found.line, found.written), message, hint)


def in_template(subject: Subject, template: Template) -> Iterator[Lookalike]:
    """What looks like a variable in one template."""
    prompt = template.site.prompt
    used = {use.name for each in subject.of(prompt) for use in each.examination.uses}
    return lookalikes(template.expanded.text, subject.catalog.prompts[prompt].inputs, used)
