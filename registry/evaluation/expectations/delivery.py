"""Checks of how an answer came: finish-reason, cost, latency.

Cost is in the currency of the model's prices, latency in milliseconds, as in promptfoo.
It must never measure what was not produced for this answer: a cached answer has no latency, and an unknown cost
is an error, not a cheap answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args, get_type_hints

from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    Threshold,
    bad_value,
    beside_the_point,
    limit,
    missing,
    nothing_problems,
)
from registry.evaluation.problem import Problem, did_you_mean
from registry.evaluation.records import Completion, Expectation
from serve.core.model import Json

_FINISHES: tuple[str, ...] = get_args(get_type_hints(Completion)["finish"])
_THEIRS: Mapping[str, str] = {  # what providers call it
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls",
    "safety": "content_filter", "function_call": "tool_calls",
}  # fmt: skip
_COST = Threshold("the most that one answer may cost", 0.002, as_value=True)
_LATENCY = Threshold("the most milliseconds that one answer may take", 1200, as_value=True)
_MILLION = 1_000_000


def _finish_reason(expectation: Expectation, subject: Subject) -> Outcome:
    finish = subject.completion.finish
    return Outcome(finish == expectation.value.lower(), f"ended with {finish}")


def _cost(expectation: Expectation, subject: Subject) -> Outcome:
    cost = _cost_of(subject)
    if cost is None:
        return missing("is not known: the model has no prices, or its tokens were not counted")
    return Outcome(cost <= limit(expectation), f"costs {cost:.6g}, where {limit(expectation):g} is asked")


def _cost_of(subject: Subject) -> float | None:
    """What the engine says, else what the model's prices make of the tokens."""
    answer, render = subject.completion, subject.around.render
    if answer.cost is not None:
        return answer.cost
    prices = None if render is None else render.model.prices
    if prices is None or not {"input", "output"} <= prices.per_million.keys():
        return None
    if not answer.prompt_tokens:
        return None
    per = prices.per_million
    return (answer.prompt_tokens * per["input"] + answer.completion_tokens * per["output"]) / _MILLION


def _latency(expectation: Expectation, subject: Subject) -> Outcome:
    seconds = subject.completion.seconds
    if subject.completion.cached:
        return beside_the_point("says nothing of a cached answer; ask the model anew for it")
    if seconds is None:
        return beside_the_point("was not measured for this answer")
    took = seconds * 1000
    return Outcome(took <= limit(expectation), f"took {took:.0f} ms, where {limit(expectation):g} is asked")


def _finish_problems(value: Json) -> Iterator[Problem]:
    word = value.lower() if isinstance(value, str) else ""
    if word in _THEIRS:
        yield bad_value(f"{value} is {_THEIRS[word]} here.", f"Write {_THEIRS[word]}, for every provider.")
    elif word not in _FINISHES:
        hint = did_you_mean(word, _FINISHES)
        yield bad_value(f"The value must be one of {', '.join(_FINISHES)}.", hint)


def _number_problems(value: Json) -> Iterator[Problem]:
    for _ in nothing_problems(value):
        yield bad_value("The number stands twice.", "Leave out either the value or the threshold.")


TYPES = (
    ExpectationType("finish-reason", _finish_reason, _finish_problems),
    ExpectationType("cost", _cost, _number_problems, _COST),
    ExpectationType("latency", _latency, _number_problems, _LATENCY),
)
