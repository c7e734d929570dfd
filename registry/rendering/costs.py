"""What a change does to the tokens and the cost of a call: an estimate on both sides, over the same inputs.

It must never compare costs that do not hold the same things, nor in two currencies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import fmean
from typing import Any

from registry.rendering.estimate import Estimate, estimate
from registry.rendering.readings import Case, inputs_for
from serve.core.errors import PromptyardError
from serve.core.live import Live, Render
from serve.core.model import Json, Placeholder, Prompt

JUMP = 0.25
_MOST_CASES = 50
Counter = Callable[[Render], int | None]
Counters = tuple[Counter | None, Counter | None]  # of the side before and of the side after


@dataclass(frozen=True, slots=True)
class Cost:
    """One call on average.

    ``tokens`` of the prompt; ``cost`` in ``currency``, with the longest answer where ``whole``, else of the
    prompt alone; None without a price, infinite where an answer that had a limit has none any more.
    """

    tokens: float
    exact: bool
    cost: float | None
    currency: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class CostChange:
    """One arm of a prompt before and after; ``old`` is None where there was none.

    ``cases`` is how many were estimated, 0 when none fits both sides and the emptiest inputs were taken.
    """

    variant: str | None
    old: Cost | None
    new: Cost
    cases: int

    @property
    def tokens_rise(self) -> float | None:
        """The change of the tokens as a share of what they were; None where there is nothing to compare."""
        return _rise(self.old.tokens, self.new.tokens) if self.old is not None else None

    @property
    def cost_rise(self) -> float | None:
        """The change of the cost as a share of what it was: infinite when it was nothing."""
        if self.old is None or self.old.cost is None or self.new.cost is None:
            return None
        if self.old.currency != self.new.currency or self.old.whole != self.new.whole:
            return None
        return _rise(self.old.cost, self.new.cost)

    @property
    def moved(self) -> bool:
        """True where the two sides are not the same."""
        return self.old is not None and self.old != self.new

    @property
    def jumps(self) -> bool:
        """True when a call costs a quarter more, or takes a quarter more tokens where no price is known."""
        rise = self.tokens_rise if self.cost_rise is None else self.cost_rise
        return rise is not None and round(rise, 9) >= JUMP  # prices are decimal, floats are not


def cost_changes(
    old: Live | None, new: Live, was: str, now: str, cases: Sequence[Case], counters: Counters = (None, None)
) -> tuple[CostChange, ...]:
    """Tokens and cost of a call for the prompt and each of its variants, before and after."""
    return tuple(_changes(old, new, was, now, cases, counters))


def emptiest(prompt: Prompt) -> dict[str, Json]:
    """The smallest inputs that a prompt may take, to render one that has no case."""
    values: dict[str, Json] = {name: _smallest(schema) for name, schema in prompt.inputs.items()}
    return values | {item.history: [] for item in prompt.messages if isinstance(item, Placeholder)}


def _changes(
    old: Live | None, new: Live, was: str, now: str, cases: Sequence[Case], counters: Counters
) -> Iterator[CostChange]:
    prompt = new.prompts()[now]
    earlier = old.prompts()[was] if old is not None else None
    for variant in (None, *sorted(prompt.variants)):
        chosen = [case.inputs for case in cases if case.variant == variant] or [case.inputs for case in cases]
        chosen = chosen[:_MOST_CASES]
        arm = variant if earlier is not None and variant in earlier.variants else None
        for counted, inputs in ((True, chosen), (False, None)):
            here = _estimates(new, prompt, earlier, variant, inputs, counters[1])
            there = _estimates(old, earlier, prompt, arm, inputs, counters[0]) if old and earlier else here
            both = [(one, other) for one, other in zip(there, here, strict=True) if one and other]
            if both:
                costs = _costs([one for one, _ in both]), _costs([other for _, other in both])
                first, second = _alike(*costs) if old else (None, _best(costs[1]))
                yield CostChange(variant, first, second, len(both) if counted else 0)
                break


def _estimates(
    live: Live,
    prompt: Prompt,
    other: Prompt | None,
    variant: str | None,
    cases: Sequence[Mapping[str, Any]] | None,
    counter: Counter | None,
) -> list[Estimate | None]:
    """One estimate for each case, None for a case that this side refuses; without cases one for the emptiest inputs."""
    inputs = (
        [emptiest(prompt)] if cases is None else [inputs_for(prompt, other or prompt, it) for it in cases]
    )
    found: list[Estimate | None] = []
    for values in inputs:
        try:
            found.append(estimate(live.render(prompt.id, values, variant=variant), counter))
        except PromptyardError:
            found.append(None)  # the reading of the prompt says why
    return found


def _costs(estimates: Sequence[Estimate]) -> dict[bool, Cost]:
    """The averages by what the cost holds: with the longest answer, and of the prompt alone."""
    tokens = round(fmean(each.prompt_tokens for each in estimates), 1)
    exact, currency = all(each.exact for each in estimates), estimates[0].currency
    return {
        True: Cost(tokens, exact, _mean([_longest(each) for each in estimates]), currency, whole=True),
        False: Cost(tokens, exact, _mean([each.input_cost for each in estimates]), currency, whole=False),
    }


def _longest(each: Estimate) -> float | None:
    unbounded = each.max_answer_tokens is None and each.input_cost
    return inf if unbounded else each.max_cost


def _alike(old: dict[bool, Cost], new: dict[bool, Cost]) -> tuple[Cost, Cost]:
    """The two costs that hold the same things, the whole ones if both are known."""
    whole = old[True].cost not in (None, inf) and new[True].cost is not None
    if whole or (old[False].cost is not None and new[False].cost is not None):
        return old[whole], new[whole]
    return _best(old), _best(new)


def _best(costs: dict[bool, Cost]) -> Cost:
    return costs[costs[True].cost not in (None, inf)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None


def _rise(old: float, new: float) -> float:
    if old == new:
        return 0.0
    return inf if old == 0 else (new - old) / old


def _smallest(schema: Mapping[str, Json]) -> Json:
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "array":
        return [_smallest(schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _smallest(properties.get(name, {})) for name in schema.get("required", ())}
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return False if kind == "boolean" else "x" * schema.get("minLength", 0)
