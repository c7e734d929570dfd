"""What a call will take before it is made: tokens of the prompt, and what they cost.

It must never pass an estimate off as a count, nor make up a price that no model file states.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from registry.validation.tokens import estimated_tokens
from serve.core.live import Render
from serve.core.model import CallingMessage, ChatMessage, Json, Prices

_MILLION = 1_000_000
_EACH_MESSAGE = 4  # the role and the marks around a message
_ANSWER_BEGINS = 3
_CALL = 8  # the id and the marks around a call of a tool
_IMAGE, _FILE = 1_000, 2_000  # a photograph of usual size, a page; nobody can know more from a URL

Counter = Callable[[Render], int | None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one call takes.

    Attributes:
        prompt_tokens: all messages, tools and the schema of the answer.
        exact: True when the model's own tokenizer counted them.
        max_answer_tokens: the ``maxTokens`` parameter.
        input_cost: of the prompt, in ``currency``; None without a price.
        max_cost: with an answer of ``max_answer_tokens``; None without a price or a limit.
        currency: ISO 4217 code of the model's prices.
    """

    prompt_tokens: int
    exact: bool
    max_answer_tokens: int | None
    input_cost: float | None
    max_cost: float | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Shares:
    """What a call takes of its bounds, 1 being all of it; None where there is no bound.

    Attributes:
        context: prompt and longest answer, of the model's context.
        budget_tokens: the prompt, of the budget's ``maxPromptTokens``.
        budget_cost: prompt and longest answer, of the budget's ``maxCostPerCallUsd``.
    """

    context: float | None
    budget_tokens: float | None
    budget_cost: float | None


def estimate(render: Render, counter: Counter | None = None) -> Estimate:
    """What a call with a rendered prompt takes.

    Args:
        render: the prompt as a service would send it.
        counter: counts with the model's own tokenizer and chat template, None where it cannot.
    """
    counted = counter(render) if counter is not None else None
    tokens = _estimated(render) if counted is None else counted
    longest = _limit(render.parameters.get("maxTokens"))
    prices = render.model.prices
    input_cost = _cost(prices, "input", tokens)
    output_cost = _cost(prices, "output", longest)
    return Estimate(
        prompt_tokens=tokens,
        exact=counted is not None,
        max_answer_tokens=longest,
        input_cost=input_cost,
        max_cost=None if input_cost is None or output_cost is None else input_cost + output_cost,
        currency=prices.currency if prices is not None else None,
    )


def shares(render: Render, estimated: Estimate) -> Shares:
    """How much of its context and of its budget a call takes."""
    budget = render.compiled.prompt.budget
    most_tokens = budget.max_prompt_tokens if budget is not None else None
    most_cost = budget.max_cost_per_call_usd if budget is not None else None
    whole = estimated.prompt_tokens + (estimated.max_answer_tokens or 0)
    return Shares(
        context=_share(whole, render.model.context_tokens),
        budget_tokens=_share(estimated.prompt_tokens, most_tokens),
        budget_cost=_share(estimated.max_cost, most_cost) if estimated.currency == "USD" else None,
    )


def _estimated(render: Render) -> int:
    declared: list[Json] = [
        {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        for tool in render.tools
    ]
    if render.output is not None:
        declared.append(render.output.schema)
    spoken = sum(_message(message) for message in render.messages) + _ANSWER_BEGINS
    return spoken + sum(estimated_tokens(json.dumps(each, ensure_ascii=False)) for each in declared)


def _message(message: ChatMessage) -> int:
    asked = message.tool_calls if isinstance(message, CallingMessage) else ()
    calls = sum(_CALL + estimated_tokens(f"{c.name} {json.dumps(c.arguments)}") for c in asked)
    parts = [] if isinstance(message.content, str) else [part.kind for part in message.content]
    attached = _IMAGE * parts.count("image") + _FILE * parts.count("file")
    return _EACH_MESSAGE + estimated_tokens(message.text) + attached + calls


def _limit(written: Json) -> int | None:
    """The limit of an answer; None for what is none, which lint tells and a look at the prompt must survive."""
    is_number = isinstance(written, (int, float)) and not isinstance(written, bool)
    return int(written) if is_number and written >= 1 else None


def _cost(prices: Prices | None, kind: str, tokens: int | None) -> float | None:
    price = prices.per_million.get(kind) if prices is not None else None
    return None if price is None or tokens is None else price * tokens / _MILLION


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None
