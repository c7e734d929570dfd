"""The likeliest of some texts, with the probability of each: how a judge answers without writing prose.

It must never break a tie by chance: equal texts are refused before, and of equal probabilities the first wins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from registry.evaluation.engines.port import Prepared
from registry.evaluation.records import Completion


def chosen(item: Prepared, logprobs: Sequence[Sequence[float]], seconds: float) -> Completion:
    """The answer of a choice, from the log-probabilities of each text's tokens."""
    sums = [math.fsum(row) for row in logprobs]
    best = max(range(len(sums)), key=sums.__getitem__)
    weights = [math.exp(total - sums[best]) for total in sums]
    whole = math.fsum(weights)
    return Completion(
        text=item.options["texts"][best],
        prompt_tokens=len(item.tokens),
        completion_tokens=len(logprobs[best]),
        seconds=seconds,
        logprobs=tuple(logprobs[best]),
        shares={text: weight / whole for text, weight in zip(item.options["texts"], weights, strict=True)},
    )
