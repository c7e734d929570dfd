"""Checks of how much an answer has in common with a reference text: rouge-n, rouge-l, bleu, gleu, meteor.

Without a threshold promptfoo's documented default holds: 0.75 for ROUGE, 0.5 for the others.
It must never count a synonym: METEOR here knows words and stems, and nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from registry.errors import MissingExtra
from registry.evaluation.expectations import overlap_scores
from registry.evaluation.expectations.outcome import (
    Examine,
    ExpectationType,
    Outcome,
    Subject,
    Threshold,
    bad_value,
    limit,
)
from registry.evaluation.expectations.text import list_problems, text_problems
from registry.evaluation.expectations.words import words
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

Score = Callable[[str, Sequence[str]], float]
_ROUGE = Threshold("the least F1", 0.75, default=0.75, most=1)
_ROUNDING = 1e-9  # 9 of 10 must reach 0.9, whatever the last bit says
_OTHERS = Threshold("the least score", 0.5, default=0.5, most=1)


def _overlap(name: str, score: Score) -> Examine:
    def examine(expectation: Expectation, subject: Subject) -> Outcome:
        value = expectation.value
        share = score(subject.text, [value] if isinstance(value, str) else value)
        least = limit(expectation)
        return Outcome(
            share >= least - _ROUNDING, f"has a {name} of {share:.4f}, where {least:g} is asked", share
        )

    return examine


def _rouge_n(answer: str, references: Sequence[str]) -> float:
    return max(overlap_scores.rouge_n(answer, text) for text in references)


def _rouge_l(answer: str, references: Sequence[str]) -> float:
    try:
        return max(overlap_scores.rouge_l(answer, text) for text in references)
    except ImportError as error:
        raise MissingExtra("the expectation rouge-l", "eval") from error


def _meteor(answer: str, references: Sequence[str]) -> float:
    return overlap_scores.meteor(answer, references, _stemmer())


@cache
def _stemmer() -> Callable[[str], str]:
    try:
        import snowballstemmer
    except ImportError as error:
        raise MissingExtra("the expectation meteor", "eval") from error
    stem: Callable[[str], str] = snowballstemmer.stemmer("porter").stemWord
    return stem


def _reference_problems(value: Json) -> Iterator[Problem]:
    if isinstance(value, list):
        yield from list_problems(value)
    else:
        yield from text_problems(value)
    for index, text in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(text, str) and text and not words(text):
            steps = (index,) if isinstance(value, list) else ()
            yield bad_value("The reference has no word.", "Write the text to compare with.", *steps)


TYPES = (
    ExpectationType("rouge-n", _overlap("ROUGE-1", _rouge_n), _reference_problems, _ROUGE),
    ExpectationType("rouge-l", _overlap("ROUGE-L", _rouge_l), _reference_problems, _ROUGE),
    ExpectationType("bleu", _overlap("BLEU", overlap_scores.bleu), _reference_problems, _OTHERS),
    ExpectationType("gleu", _overlap("GLEU", overlap_scores.gleu), _reference_problems, _OTHERS),
    ExpectationType("meteor", _overlap("METEOR", _meteor), _reference_problems, _OTHERS),
)
