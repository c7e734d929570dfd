"""Checks of how much an answer is: words, tokens.

It must never measure what was not produced for this answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.evaluation.expectations.outcome import ExpectationType, Outcome, Subject, bad_value
from registry.evaluation.expectations.words import words
from registry.evaluation.problem import Problem, unknown_keys
from registry.evaluation.records import Expectation
from serve.core.model import Json


def _within(value: Json, count: int) -> bool:
    low, high = (value.get("min"), value.get("max")) if isinstance(value, dict) else (value, value)
    return (low is None or count >= low) and (high is None or count <= high)


def _word_count(expectation: Expectation, subject: Subject) -> Outcome:
    count = len(words(subject.text))
    return Outcome(_within(expectation.value, count), f"has {count} words")


def _tokens(expectation: Expectation, subject: Subject) -> Outcome:
    count = subject.completion.completion_tokens
    return Outcome(_within(expectation.value, count), f"has {count} tokens")


def _count_problems(value: Json) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield from _whole_problems(value)
        return
    yield from unknown_keys(value, ("min", "max"), "a count")
    bounds = [(key, value[key]) for key in ("min", "max") if key in value]
    problems = [problem.below(key) for key, bound in bounds for problem in _whole_problems(bound)]
    yield from problems
    if not bounds:
        yield bad_value("min or max is needed.", "Write {max: 60}.")
    elif not problems and len(bounds) == 2 and value["min"] > value["max"]:
        yield bad_value("min is greater than max, so no answer can do.", "Swap them.")


def _whole_problems(value: Json) -> Iterator[Problem]:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield bad_value("The count must be a whole number from 0 on.", "Write 60, or {min: 5, max: 60}.")


TYPES = (
    ExpectationType("word-count", _word_count, _count_problems),
    ExpectationType("tokens", _tokens, _count_problems),
)
