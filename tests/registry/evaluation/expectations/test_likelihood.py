from __future__ import annotations

import math

import pytest

from registry.evaluation.expectations import check
from registry.evaluation.records import Check, Completion, Expectation


def found(kind: str, threshold: float, *logprobs: float) -> Check:
    return check(Expectation(kind, threshold=threshold), Completion("a", 1, 1, logprobs=logprobs))


def test_perplexity_is_the_inverse_of_the_mean_probability() -> None:
    half = math.log(0.5)
    assert found("perplexity", 2.0001, half, half).status == "pass"
    assert found("perplexity", 1.9, half, half).reason == "has a perplexity of 2, where 1.9 is asked"
    assert found("perplexity-score", 0.3, half).score == pytest.approx(1 / 3)


def test_a_hopeless_answer_does_not_overflow() -> None:
    assert found("perplexity", 5, -1e9).status == "fail"
    assert found("perplexity-score", 0.1, -1e9).status == "fail"


def test_without_log_probabilities_there_is_no_verdict() -> None:
    assert found("perplexity", 5).status == found("perplexity-score", 0.1).status == "error"
