"""Checks of how far an answer is from a text: levenshtein, and later its kin.

The threshold must be written down: promptfoo's silent default of 5 is most often not what was meant.
It must never be slow: the distance is counted by rapidfuzz, and only as far as the threshold.
"""

from __future__ import annotations

from registry.errors import MissingExtra
from registry.evaluation.expectations.outcome import ExpectationType, Outcome, Subject
from registry.evaluation.expectations.text import text_problems
from registry.evaluation.records import Expectation


def _levenshtein(expectation: Expectation, subject: Subject) -> Outcome:
    try:
        from rapidfuzz.distance import Levenshtein
    except ImportError as error:
        raise MissingExtra("the expectation levenshtein", "eval") from error
    most = int(expectation.threshold or 0)
    distance = Levenshtein.distance(subject.text, expectation.value, score_cutoff=most)
    seen = f"is {distance} edits away" if distance <= most else f"is more than {most} edits away"
    return Outcome(distance <= most, seen)


TYPES = (ExpectationType("levenshtein", _levenshtein, text_problems, has_threshold=True),)
