from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import many, marks, sample

from registry.evaluation import gate
from registry.evaluation.measures import BINS, Measured, Meter, summaries
from registry.evaluation.records import Completion, Sample

OF = many(3)


def answered(score: float = 1.0, **completion: object) -> Sample:
    made = sample(OF, OF.cases[0], "head", 0, "pass")
    told = Completion("x", 100, 10, **completion)  # type: ignore[arg-type]
    return replace(made, score=score, completion=told)


def measured(*samples: Sample) -> Measured:
    meter = Meter()
    for each in samples:
        meter(each)
    (found,) = meter.result({OF.id: "EUR"})
    return found


def test_means_are_per_answer_and_errors_are_left_out_of_them() -> None:
    found = measured(
        answered(1.0, seconds=1.0, cost=0.2),
        answered(0.5, seconds=3.0, cost=0.4),
        sample(OF, OF.cases[1], "head", 0, "error"),
    )
    assert (found.answers, found.errors, found.live) == (3, 1, 3)
    assert (found.score, found.prompt_tokens, found.completion_tokens, found.tokens) == (0.75, 100, 10, 110)
    assert found.cost == pytest.approx(0.3)
    assert found.spent == pytest.approx(0.6)
    assert found.currency == "EUR"


def test_a_kept_answer_says_nothing_of_latency_and_costs_nothing_again() -> None:
    kept = answered(cached=True, cost=0.2)
    found = measured(kept, answered(seconds=2.0, cost=0.2))
    assert (found.live, found.latency_p50_s, found.latency_p95_s) == (1, 2.0, 2.0)
    assert (found.cost, found.spent) == (pytest.approx(0.2), 0.2)
    assert measured(kept).latency_p50_s is None


def test_one_answer_without_a_price_leaves_the_cost_unknown() -> None:
    found = measured(answered(cost=0.2), answered())
    assert (found.cost, found.spent, found.currency) == (None, None, None)


def test_what_counts_no_tokens_has_none() -> None:
    shown = replace(answered(), completion=Completion("x", 0, 0))
    assert measured(shown).tokens is None


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=60), st.lists(st.floats(0, 100), min_size=1, max_size=60)
)
def test_every_score_has_its_bin_and_the_median_lies_among_the_times(scores, times) -> None:
    found = measured(*(answered(score) for score in scores), *(answered(seconds=each) for each in times))
    assert len(found.scores) == BINS
    assert sum(found.scores) == len(scores) + len(times)
    assert min(times) <= found.latency_p50_s <= found.latency_p95_s <= max(times)


def test_a_summary_counts_all_of_heads_cases_and_a_run_without_numbers_has_a_rate() -> None:
    verdict = gate.absolute(OF, marks(OF, head="110"))
    (told,) = summaries([verdict], []).values()
    assert (told.word, told.cases, told.pass_rate, told.cost) == ("FAIL", 3, pytest.approx(2 / 3), None)
