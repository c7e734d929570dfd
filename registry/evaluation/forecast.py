"""What a run will take before it is run: answers that are known, requests, tokens, money.

It must never ask a model, nor pass an unknown cost off as none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from registry.evaluation.plan import Item
from registry.evaluation.records import Suite
from registry.evaluation.shelf import Shelf
from registry.rendering.estimate import Estimate, estimate
from serve.core.live import Render

Known = Callable[[str], bool]
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one suite takes, or several together.

    Attributes:
        suite: its id; empty for several.
        prompt: its prompt; empty for several.
        model: the engine and the model's id, or several with commas; empty where no model is asked.
        answers: how many answers are wanted.
        known: how many of them are there already, or need no model.
        refused: how many cannot be asked.
        requests: how many requests will be sent; equal ones are sent once.
        prompt_tokens: of these requests, together.
        exact: True when a tokenizer counted them, False for an estimate.
        answer_tokens: the most that can come back; None where an answer has no bound.
        max_cost: with every answer as long as it may be; None where a price or a bound is not known.
        currency: ISO 4217 code of the cost, None without one.
    """

    suite: str
    prompt: str
    model: str
    answers: int
    known: int
    refused: int
    requests: int
    prompt_tokens: int
    exact: bool
    answer_tokens: int | None
    max_cost: float | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class _Request:
    model: str
    estimate: Estimate
    local: bool


def forecast(items: Iterable[Item], known: Known) -> tuple[Forecast, ...]:
    """What each suite of a plan takes, in the order of the plan; the items are walked once and not held.

    A question that two suites ask is counted where it comes first. Flips that the gate asks again, and
    attempts after a fault, are not foreseen.

    Args:
        items: of the plan.
        known: True for the content address of an answer that is there already.
    """
    sums: dict[str, _Sum] = {}
    seen: Shelf[bool] = Shelf()
    for item in items:
        if item.suite.id not in sums:
            sums[item.suite.id] = _Sum(item.suite)
        sums[item.suite.id].add(item, known, seen)
    return tuple(each.forecast() for each in sums.values())


def together(parts: Sequence[Forecast]) -> Forecast:
    """All suites of a run as one; costs in two currencies have no sum."""
    models = dict.fromkeys(part.model for part in parts if part.model)
    asked = [part for part in parts if part.requests]
    currencies = {part.currency for part in asked}
    bounds, costs = [part.answer_tokens for part in asked], [part.max_cost for part in asked]
    return Forecast(
        suite="",
        prompt="",
        model=", ".join(models),
        answers=sum(part.answers for part in parts),
        known=sum(part.known for part in parts),
        refused=sum(part.refused for part in parts),
        requests=sum(part.requests for part in parts),
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        exact=all(part.exact for part in asked),
        answer_tokens=_sum(bounds),
        max_cost=_sum(costs) if len(currencies) <= 1 else None,
        currency=next(iter(currencies)) if len(currencies) == 1 else None,
    )


class _Sum:
    """What one suite takes, item by item."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._counts: Counter[str] = Counter()
        self._models: dict[str, None] = {}
        self._currencies: set[str | None] = set()
        self._exact = True
        self._answer_tokens: int | None = 0
        self._max_cost: float | None = 0.0

    def add(self, item: Item, known: Known, seen: Shelf[bool]) -> None:
        key = item.prepared.key
        self._counts["answers"] += 1
        if item.call is not None:
            self._models[_model(item)] = None
        if item.prepared.problem is not None:
            self._counts["refused"] += 1
        elif item.call is None or (key not in seen and known(key)):
            self._counts["known"] += 1
        elif key not in seen:
            seen[key] = True
            self._add(_request(item))

    def _add(self, request: _Request) -> None:
        self._counts["requests"] += 1
        self._counts["prompt_tokens"] += request.estimate.prompt_tokens
        self._exact = self._exact and request.estimate.exact
        self._answer_tokens = _sum((self._answer_tokens, request.estimate.max_answer_tokens))
        self._max_cost = _sum((self._max_cost, _cost(request)))
        if not request.local:
            self._currencies.add(request.estimate.currency)

    def forecast(self) -> Forecast:
        counts, currencies = self._counts, self._currencies
        return Forecast(
            suite=self._suite.id,
            prompt=self._suite.prompt,
            model=", ".join(self._models),
            answers=counts["answers"],
            known=counts["known"],
            refused=counts["refused"],
            requests=counts["requests"],
            prompt_tokens=counts["prompt_tokens"],
            exact=self._exact,
            answer_tokens=self._answer_tokens,
            max_cost=self._max_cost if len(currencies) <= 1 else None,
            currency=next(iter(currencies)) if len(currencies) == 1 else None,
        )


def _request(item: Item) -> _Request:
    counted = len(item.prepared.tokens) or None
    # A call holds all that an estimate looks at in a render.
    estimated = estimate(cast("Render", item.call), lambda _: counted)
    return _Request(_model(item), estimated, local=counted is not None)


def _model(item: Item) -> str:
    return f"{item.call.model.engine} {item.call.model.id}" if item.call is not None else ""


def _cost(request: _Request) -> float | None:
    """A local model without prices costs nothing that is paid by the call."""
    cost = request.estimate.max_cost
    return 0.0 if cost is None and request.local else cost


def _sum(values: Iterable[_Number | None]) -> _Number | None:
    total: Any = 0
    for value in values:
        if value is None:
            return None
        total += value
    return cast("_Number", total)
