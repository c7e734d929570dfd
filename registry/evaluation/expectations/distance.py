"""Checks of how far an answer is from a text: levenshtein.

It must never be slow: the distance is counted by rapidfuzz, and only as far as the threshold.
"""

from __future__ import annotations

from registry.errors import MissingExtra
from registry.evaluation.expectations.outcome import ExpectationType, Outcome, Subject, Threshold, limit
from registry.evaluation.expectations.text import text_problems
from registry.evaluation.records import Expectation

_EDITS = Threshold("the number of edits that may differ", 5, default=5, above=-1, whole=True)


def _levenshtein(expectation: Expectation, subject: Subject) -> Outcome:
    try:
        from rapidfuzz.distance import Levenshtein
    except ImportError as error:
        raise MissingExtra("the expectation levenshtein", "eval") from error
    most = int(limit(expectation))
    distance = Levenshtein.distance(subject.text, expectation.value, score_cutoff=most)
    seen = f"is {distance} edits away" if distance <= most else f"is more than {most} edits away"
    return Outcome(distance <= most, seen)


TYPES = (ExpectationType("levenshtein", _levenshtein, text_problems, _EDITS),)
