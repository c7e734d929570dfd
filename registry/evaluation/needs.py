"""What the checks of a case need beside the answer's text: log-probabilities, an encoder, a classifier, judges.

Asked before anything runs, so that what is not needed is not computed.
It must never look at an answer.
"""

from __future__ import annotations

from registry.evaluation.expectations.judged import is_judged
from registry.evaluation.expectations.table import leaves
from registry.evaluation.records import Case

_LOGPROBS = frozenset({"perplexity", "perplexity-score"})
_CLASSIFIER = frozenset({"classifier"})
_ENCODER = frozenset({"similar", "similar:cosine", "similar:dot", "similar:euclidean"}) | _CLASSIFIER


def needs_logprobs(case: Case) -> bool:
    """True when a check reads how likely the answer was."""
    return any(each.type in _LOGPROBS for each in leaves(case.expect))


def needs_encoder(case: Case) -> bool:
    """True when a check compares meanings."""
    return any(each.type in _ENCODER for each in leaves(case.expect))


def needs_classifier(case: Case) -> bool:
    """True when a check asks for a label."""
    return any(each.type in _CLASSIFIER for each in leaves(case.expect))


def judges_of(case: Case) -> frozenset[str | None]:
    """The judges that the checks ask, by the name that each gives: None is the suite's own."""
    return frozenset(each.judge for each in leaves(case.expect) if is_judged(each))
