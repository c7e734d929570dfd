"""Providers change their prices; a cost worked out from old ones, or from ones to come, is a guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "MOD004"
TITLE = "Prices that may not hold today"
LESSON = Lesson(
    "warning",
    """\
# models/chat.model.yaml
prices: {currency: USD, perMillion: {input: 0.4, output: 1.6}, source: price list, effectiveFrom: 2020-01-01}
""",
    """\
# models/chat.model.yaml
prices: {currency: USD, perMillion: {input: 0.4, output: 1.6}, source: price list, effectiveFrom: 2026-11-01}
""",
)
AGE = 180  # days


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each model whose prices begin in the future or began more than 180 days ago.

    Prices of nothing, those of a model on machines of one's own, do not age.
    """
    if subject.today is None:
        return
    for name, model in subject.catalog.models.items():
        if model.prices is None or not any(model.prices.per_million.values()):
            continue
        try:
            since = date.fromisoformat(model.prices.effective_from)
        except ValueError:
            continue
        place = subject.document("model", name).place("prices", "effectiveFrom")
        days = (subject.today - since).days
        if days < 0:
            message = f"These prices hold from {since} on, which is {-days} days from now."
            hint = "Write the prices that hold today; the new ones are due on that day."
            yield Diagnostic(CODE, "warning", place, message, hint)
        elif days > AGE:
            message = f"These prices are of {since}, {days} days ago; {AGE} is the limit."
            hint = "Look them up again, then write the day that you did so as effectiveFrom."
            yield Diagnostic(CODE, "warning", place, message, hint)
