"""What was worked out of a guardrail set, remembered while the set is at hand.

Lint looks at a set again beside each prompt that names it, and a set may hold hundreds of rules.
It must never answer for another set: the same object counts, not an equal name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from registry.authoring.sources.guardrail import GuardrailSource

_Found = TypeVar("_Found")
_MOST = 64


def by_set(work: Callable[[GuardrailSource], _Found]) -> Callable[[GuardrailSource], _Found]:
    """``work``, done once for each set."""
    known: dict[int, tuple[GuardrailSource, _Found]] = {}

    @wraps(work)
    def remembered(source: GuardrailSource) -> _Found:
        kept = known.get(id(source))
        if kept is None or kept[0] is not source:
            if len(known) >= _MOST:
                known.clear()
            kept = known[id(source)] = (source, work(source))
        return kept[1]

    return remembered
