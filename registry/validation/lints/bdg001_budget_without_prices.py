"""A budget in dollars means nothing while no one has said what the model's tokens cost."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "BDG001"
TITLE = "Budget without prices"
LESSON = Lesson(
    "warning",
    "budget: {maxCostPerCallUsd: 0.01}\n",
    """\
# models/chat.model.yaml
prices: {currency: USD, perMillion: {input: 0.4, output: 1.6}, source: price list, effectiveFrom: 2026-11-01}
# answer.prompt.yaml
budget: {maxCostPerCallUsd: 0.01}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt with ``maxCostPerCallUsd`` and a model without prices in US dollars."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        if prompt.budget is None or prompt.budget.max_cost_per_call_usd is None:
            continue
        place = subject.document("prompt", prompt_id).place("budget", "maxCostPerCallUsd")
        for name in sorted({prompt.model, *(arm.model for arm in prompt.variants.values() if arm.model)}):
            model = subject.catalog.models.get(name)
            if model is not None and (model.prices is None or model.prices.currency != "USD"):
                message = f"The budget is in US dollars, and the model {name} has no prices in them."
                yield Diagnostic(CODE, "warning", place, message, f"Add prices to the model {name}.")
