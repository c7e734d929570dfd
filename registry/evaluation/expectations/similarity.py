"""Checks by a model that reads: similar (by cosine, dot product or distance), classifier.

The model is handed in by whoever runs the suite; the checks do not know where it computes.
It must never pass where no such model is configured: that is an error, by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from registry.evaluation.expectations.outcome import (
    Examine,
    ExpectationType,
    Outcome,
    Subject,
    Threshold,
    limit,
    missing,
)
from registry.evaluation.expectations.text import list_problems, text_problems
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

Vector = Sequence[float]
Measure = Callable[[Vector, Vector], float]
_COSINE = Threshold("the least similarity", 0.75, default=0.75, above=-1, most=1)
_DOT = Threshold("the least product", 0.75, default=0.75, above=-math.inf)
_EUCLIDEAN = Threshold("the greatest distance", 0.75, default=0.75)
_SHARE = Threshold("the least share that the model gives this label", 0.8, most=1)
_ROUNDING = 1e-9  # equal texts must be similar, whatever the last bit says


def _dot(left: Vector, right: Vector) -> float:
    return (
        math.sumprod(left, right) if hasattr(math, "sumprod") else math.fsum(map(float.__mul__, left, right))
    )


def _cosine(left: Vector, right: Vector) -> float:
    length = math.hypot(*left) * math.hypot(*right)
    return _dot(left, right) / length if length else 0.0


def _similar(name: str, measure: Measure, *, is_distance: bool = False) -> Examine:
    def examine(expectation: Expectation, subject: Subject) -> Outcome:
        encoder = subject.around.encoder
        if encoder is None:
            return missing("needs an encoder, and none is configured")
        value = expectation.value
        references = [value] if isinstance(value, str) else value
        said, *wanted = encoder.embed([subject.text, *references])
        seen = [measure(said, each) for each in wanted]
        best = min(seen) if is_distance else max(seen)
        bound = limit(expectation)
        holds = best <= bound + _ROUNDING if is_distance else best >= bound - _ROUNDING
        score = 1 / (1 + best) if is_distance else best
        return Outcome(holds, f"has a {name} of {best:.4f}, where {bound:g} is asked", score)

    return examine


def _classifier(expectation: Expectation, subject: Subject) -> Outcome:
    classifier = subject.around.classifier
    if classifier is None:
        return missing("needs a classifier model, and none is configured")
    shares = classifier.classify(subject.text)
    if expectation.value not in shares:
        known = ", ".join(sorted(shares))
        return missing(
            f"asks for the label {expectation.value}, which the classifier does not know; it knows {known}"
        )
    share = shares[expectation.value]
    fact = f"is {expectation.value} with {share:.4f}, where {limit(expectation):g} is asked"
    return Outcome(share >= limit(expectation), fact, share)


def _reference_problems(value: Json) -> Iterator[Problem]:
    yield from list_problems(value) if isinstance(value, list) else text_problems(value)


_BY_COSINE = _similar("cosine similarity", _cosine)
TYPES = (
    ExpectationType("similar", _BY_COSINE, _reference_problems, _COSINE),
    ExpectationType("similar:cosine", _BY_COSINE, _reference_problems, _COSINE),
    ExpectationType("similar:dot", _similar("dot product", _dot), _reference_problems, _DOT),
    ExpectationType(
        "similar:euclidean",
        _similar("distance", math.dist, is_distance=True),
        _reference_problems,
        _EUCLIDEAN,
    ),
    ExpectationType("classifier", _classifier, text_problems, _SHARE),
)
