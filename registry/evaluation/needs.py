"""What the checks of a case need beside the answer's text: log-probabilities, an encoder.

Asked before anything runs, so that what is not needed is not computed.
It must never look at an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.evaluation.expectations.table import SET
from registry.evaluation.records import Case, Expectation

_LOGPROBS = frozenset({"perplexity", "perplexity-score"})
_ENCODER = frozenset({"similar", "similar:cosine", "similar:dot", "similar:euclidean"})


def needs_logprobs(case: Case) -> bool:
    """True when a check reads how likely the answer was."""
    return not _LOGPROBS.isdisjoint(_types(case.expect))


def needs_encoder(case: Case) -> bool:
    """True when a check compares meanings."""
    return not _ENCODER.isdisjoint(_types(case.expect))


def _types(expectations: Iterable[Expectation]) -> Iterator[str]:
    for expectation in expectations:
        if expectation.type == SET:
            yield from _types(expectation.value)
        else:
            yield expectation.type
