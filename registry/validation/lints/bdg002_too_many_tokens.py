"""A prompt that can outgrow its budget or its model's context does so one day, with a customer's words in it."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.parse import Document
from registry.authoring.sources.model import ModelSource
from registry.diagnostics import Diagnostic, Place
from registry.validation.bounds import Bounds, bounds_of
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from registry.validation.tokens import Count, estimated_tokens, most_tokens
from serve.core.model import Budget

CODE = "BDG002"
TITLE = "Prompt can outgrow its budget"
LESSON = Lesson(
    "warning",
    "budget: {maxPromptTokens: 100}\n",
    "budget: {maxPromptTokens: 200}\n",
)
_MILLION = 1_000_000
_SHRINK = "Lower maxLength or maxItems of the inputs it prints, give numbers a minimum and a maximum, or raise the bound."


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each bound that a prompt or a variant can go beyond; an error where it always does."""
    for prompt_id in subject.catalog.prompts:
        if subject.whole(prompt_id) and any(_findings(subject, prompt_id, most_tokens)):
            yield from _findings(subject, prompt_id, estimated_tokens)


def _findings(subject: Subject, prompt_id: str, estimate: Count) -> Iterator[Diagnostic]:
    budget = subject.catalog.prompts[prompt_id].budget
    document = subject.document("prompt", prompt_id)
    for found in bounds_of(subject, prompt_id, estimate):
        model = subject.catalog.models[found.model]
        yield from _context(document, found, model)
        if budget is not None:
            yield from _budget(document, found, budget, model)


def _context(document: Document, found: Bounds, model: ModelSource) -> Iterator[Diagnostic]:
    if model.context_tokens is None:
        return
    room = model.context_tokens - found.answer
    place = document.place("variants", found.arm) if found.arm else document.place("messages")
    bound = f"the {room:,} that the context of {found.model} leaves beside an answer of {found.answer:,}"
    yield from _held_against(found, room, bound, place)


def _budget(document: Document, found: Bounds, budget: Budget, model: ModelSource) -> Iterator[Diagnostic]:
    if budget.max_prompt_tokens is not None:
        bound = f"the budget's {budget.max_prompt_tokens:,}"
        place = document.place("budget", "maxPromptTokens")
        yield from _held_against(found, budget.max_prompt_tokens, bound, place)
    prices = model.prices
    if budget.max_cost_per_call_usd is None or prices is None or prices.currency != "USD":
        return
    price = prices.per_million.get("input", 0) / _MILLION
    answer = found.answer * prices.per_million.get("output", 0) / _MILLION
    most = max(found.least, found.most or 0) * price + answer
    if most > budget.max_cost_per_call_usd:
        always = found.least * price > budget.max_cost_per_call_usd
        message = (
            f"{_whose(found)} can cost about USD {most:.4f} a call with {found.model}, "
            f"more than the budget's {budget.max_cost_per_call_usd:g}."
        )
        place = document.place("budget", "maxCostPerCallUsd")
        hint = "Lower maxTokens or the bounds of its inputs, or raise the budget."
        yield Diagnostic(CODE, "error" if always else "warning", place, message, hint)


def _held_against(found: Bounds, room: int, bound: str, place: Place) -> Iterator[Diagnostic]:
    if found.least > room:
        message = (
            f"The fixed text of {_whose(found).lower()} is about {found.least:,} tokens, more than {bound}."
        )
        yield Diagnostic(CODE, "error", place, message, "Shorten the text, or raise the bound.")
    elif found.most is not None and found.most > room:
        message = f"{_whose(found)} can grow to about {found.most:,} tokens, more than {bound}."
        yield Diagnostic(CODE, "warning", place, message, _SHRINK)


def _whose(found: Bounds) -> str:
    return f"The variant {found.arm}" if found.arm else "The prompt"
