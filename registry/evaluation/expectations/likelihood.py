"""Checks of how sure the model was of its answer: perplexity, perplexity-score.

Both come from the log-probabilities that the engine gave with the answer, so they compare prompts on one model and
never two models. A threshold must be written: promptfoo passes everything without one.
It must never guess: an answer without log-probabilities is an error.
"""

from __future__ import annotations

import math

from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    Threshold,
    bad_value,
    limit,
    missing,
)
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

_PERPLEXITY = Threshold("the greatest perplexity that will do", 1.8, as_value=True)
_SCORE = Threshold("the least score that will do", 0.4, most=1, as_value=True)


def _mean_logprob(subject: Subject) -> float | None:
    given = subject.completion.logprobs
    return math.fsum(given) / len(given) if given else None


def _perplexity(expectation: Expectation, subject: Subject) -> Outcome:
    mean = _mean_logprob(subject)
    if mean is None:
        return _without()
    perplexity = math.exp(min(-mean, 700.0))
    fact = f"has a perplexity of {perplexity:.4g}, where {limit(expectation):g} is asked"
    return Outcome(perplexity <= limit(expectation), fact)


def _perplexity_score(expectation: Expectation, subject: Subject) -> Outcome:
    mean = _mean_logprob(subject)
    if mean is None:
        return _without()
    score = 1 / (1 + math.exp(min(-mean, 700.0)))
    fact = f"has a perplexity score of {score:.4f}, where {limit(expectation):g} is asked"
    return Outcome(score >= limit(expectation), fact, score)


def _without() -> Outcome:
    return missing("needs log-probabilities, which the engine did not give")


def _number_problems(value: Json) -> list[Problem]:
    if value is None:
        return []
    return [bad_value("The number stands twice.", "Leave out either the value or the threshold.")]


TYPES = (
    ExpectationType("perplexity", _perplexity, _number_problems, _PERPLEXITY),
    ExpectationType("perplexity-score", _perplexity_score, _number_problems, _SCORE),
)
