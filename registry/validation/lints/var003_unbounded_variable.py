"""Text or a list without bound in a prompt lets one caller fill the context, or the bill."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "VAR003"
TITLE = "Unbounded variable"
LESSON = Lesson(
    "error",
    """\
inputs:
  question: {type: string}
""",
    """\
inputs:
  question: {type: string, maxLength: 500}
""",
    firm="a prompt without a bound can cost anything",
    excusable=True,
)
_EXAMPLES = {
    "maxLength": "maxLength: 2000",
    "maxItems": "maxItems: 20",
    "type": "type: string and maxLength: 2000",
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each size without bound that reaches a prompt, at the input's declaration."""
    for template in subject.templates:
        document = template.site.document
        for gap in template.examination.gaps:
            root = gap.size.path.split(".")[0].split("[")[0]
            message = (
                f"{gap.size.path} is printed and has no {gap.size.key}, so the prompt has no greatest size."
            )
            example = _EXAMPLES.get(gap.size.key, gap.size.key)
            cut = ", or cut it in the template with truncate" if gap.size.key in ("maxLength", "type") else ""
            hint = f"Declare {example} for {gap.size.path}{cut}."
            yield Diagnostic(CODE, "error", document.place("inputs", root), message, hint)
