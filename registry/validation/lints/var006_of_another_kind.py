"""A value that a schema lets be a list, a number or a text fails where a template takes it for one of them."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic, Place
from registry.validation.lesson import Lesson
from registry.validation.outcomes import Misfit
from registry.validation.subject import Subject, Template

CODE = "VAR006"
TITLE = "Value of another kind"
LESSON = Lesson(
    "error",
    """\
inputs:
  topic: {anyOf: [{type: string, maxLength: 80}, {type: array, maxItems: 5, items: {type: string, maxLength: 80}}]}
messages:
  - {role: user, content: "{{ topic }}"}
""",
    """\
inputs:
  topic: {type: string, maxLength: 80}
messages:
  - {role: user, content: "{{ topic }}"}
""",
    firm="such a call would be refused, although its inputs fit their schemas",
)
_SAID = {
    "array": "a list",
    "boolean": "true or false",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
_TESTS = (("string", "string"), ("number", "number"))


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each value that some inputs make of a kind with which the template cannot go on."""
    for template in subject.templates:
        untyped = {gap.line for gap in template.examination.gaps if gap.size.key == "type"}
        for found in template.examination.failures:
            if isinstance(found, Misfit) and found.line not in untyped:  # VAR003 asks for the type there
                message, hint = _said(found)
                yield Diagnostic(CODE, "error", _place(template, found), message, hint)


def _place(template: Template, found: Misfit) -> Place:
    return template.place(found.line, found.name.partition("[")[0])


def _said(found: Misfit) -> tuple[str, str]:
    kinds = [_SAID[kind] for kind in found.kinds]
    either = " or ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    message = f"{found.name or 'This value'} may be {either}, which cannot {found.deed}."
    if not found.name:
        return message, "Give both sides one kind, or write {{ one if condition else other }}."
    if not found.fit:
        return (
            message,
            f"Write {{{{ '…' if {found.name} else '…' }}}} to choose a text, or join or tojson to print it.",
        )
    test = next((test for kind, test in _TESTS if kind in found.fit), None)
    if test is None:
        return message, f"Declare {found.name} with type: array (or object) alone."
    return (
        message,
        f"Declare one type for {found.name}, or write {{% if {found.name} is {test} %}} around it.",
    )
