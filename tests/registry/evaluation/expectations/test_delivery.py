from __future__ import annotations

from dataclasses import replace

import pytest
from support.bundles import MODEL, bundle, prompt

from registry.evaluation.expectations import Surroundings, check
from registry.evaluation.records import Check, Completion, Expectation
from serve.core.compile import compile_bundle
from serve.core.live import Render
from serve.core.model import Prices

ANSWER = Completion("a", 1000, 500, seconds=0.8)


def found(kind: str, threshold: float | None, answer: Completion, render: Render | None = None) -> Check:
    value = "length" if kind == "finish-reason" else None
    around = Surroundings(render=render)
    return check(Expectation(kind, value, threshold=threshold), answer, around=around)


def priced(**per_million: float) -> Render:
    plain = compile_bundle(bundle(prompt()), sha256="").render("support/hello", {"name": "Ann"})
    model = replace(MODEL, prices=Prices("USD", per_million, "a price list", "2026-01-01"))
    arms = {name: replace(arm, model=model) for name, arm in plain.compiled.arms.items()}
    return replace(plain, compiled=replace(plain.compiled, arms=arms))


def test_the_finish_reason_is_the_engines() -> None:
    assert found("finish-reason", None, replace(ANSWER, finish="length")).status == "pass"
    assert found("finish-reason", None, ANSWER).reason == "ended with stop"


def test_cost_is_what_the_engine_says() -> None:
    assert found("cost", 0.01, replace(ANSWER, cost=0.01)).status == "pass"
    assert found("cost", 0.01, replace(ANSWER, cost=0.02)).reason == "costs 0.02, where 0.01 is asked"


def test_or_what_the_models_prices_make_of_the_tokens() -> None:
    render = priced(input=2.0, output=8.0)
    assert found("cost", 0.006, ANSWER, render).status == "pass"
    assert found("cost", 0.0059, ANSWER, render).status == "fail"


@pytest.mark.parametrize("per_million", [{}, {"input": 1.0}])
def test_an_unknown_cost_is_an_error_and_never_a_pass(per_million: dict[str, float]) -> None:
    assert found("cost", 99, ANSWER, priced(**per_million)).status == "error"
    assert found("cost", 99, ANSWER).status == "error"
    assert (
        found("cost", 99, replace(ANSWER, prompt_tokens=0), priced(input=1.0, output=1.0)).status == "error"
    )


def test_latency_is_in_milliseconds() -> None:
    assert found("latency", 800, ANSWER).status == "pass"
    assert found("latency", 799, ANSWER).reason == "took 800 ms, where 799 is asked"


def test_latency_says_nothing_of_a_cached_answer_nor_of_one_that_was_not_timed() -> None:
    assert found("latency", 9999, replace(ANSWER, cached=True)).status == "skip"
    assert found("latency", 9999, replace(ANSWER, seconds=None)).status == "skip"
