"""The greatest size of a prompt is known from its inputs' bounds; one beyond every context is a mistake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "TPL002"
TITLE = "Prompt can grow too large"
LESSON = Lesson(
    "error",
    """\
inputs:
  question: {type: string, maxLength: 9000000}
""",
    """\
inputs:
  question: {type: string, maxLength: 4000}
""",
    firm="a prompt without a sensible bound can cost anything",
    excusable=True,
)
LIMIT = 400_000


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt or variant that can render to more than 400,000 characters."""
    for prompt_id in subject.catalog.prompts:
        for arm, size in _sizes(subject, prompt_id).items():
            if size > LIMIT:
                steps = ("variants", arm) if arm else ("messages",)
                place = subject.document("prompt", prompt_id).place(*steps)
                message = f"The messages can grow to {size:,} characters; {LIMIT:,} is the limit."
                yield Diagnostic(
                    CODE, "error", place, message, "Lower maxLength or maxItems of the inputs it prints."
                )


def _sizes(subject: Subject, prompt_id: str) -> Mapping[str, int]:
    """The greatest size of the prompt (under the empty name) and of each variant."""
    sizes: dict[str, int] = defaultdict(int)
    for template in subject.of(prompt_id):
        sizes[template.site.arm] += template.examination.bound or 0
    return sizes
