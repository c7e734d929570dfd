from __future__ import annotations

import pytest

from registry.evaluation.needs import needs_encoder, needs_logprobs
from registry.evaluation.records import Case, Expectation


def case(*expect: Expectation) -> Case:
    return Case("c", "c", {}, expect)


@pytest.mark.parametrize(
    ("expect", "logprobs", "encoder"),
    [
        ((Expectation("equals", "a"),), False, False),
        ((Expectation("equals", "a"), Expectation("perplexity", threshold=3.0)), True, False),
        ((Expectation("similar", "a", negated=True),), False, True),
        (
            (Expectation("assert-set", (Expectation("similar:dot", "a"), Expectation("perplexity-score"))),),
            True,
            True,
        ),
    ],
)
def test_what_the_checks_read_is_known_before_they_run(
    expect: tuple[Expectation, ...], logprobs: bool, encoder: bool
) -> None:
    assert (needs_logprobs(case(*expect)), needs_encoder(case(*expect))) == (logprobs, encoder)
