"""What a check gets, what it gives, and what a type of check is.

Every family is written against these shapes, so the table is the only place that knows all of them.
It must never decide a case: an outcome says what was seen of one answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from registry.evaluation.judges.question import Question, Ruling
from registry.evaluation.problem import Problem
from registry.evaluation.records import Completion, Expectation
from serve.core.live import Render
from serve.core.model import Json

_EXCERPT = 60


class Encoder(Protocol):
    """A model that turns texts into vectors, for ``similar``."""

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One vector for each text, in order, all of one length."""
        ...


class Classifier(Protocol):
    """A model that says what a text is, for ``classifier``."""

    def classify(self, text: str) -> Mapping[str, float]:
        """A share from 0 to 1 for each label that the model knows."""
        ...


class Judge(Protocol):
    """A judge that has heard its questions."""

    @property
    def is_advisory(self) -> bool:
        """True where its word is told and does not count."""
        ...

    def ruling(self, question: Question) -> Ruling | None:
        """What it said to a question; None when it was not asked."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside case and answer; a check that needs what is missing is an error, never a pass.

    ``render`` is what was asked: it brings the prompt's guardrails, tools and prices. ``judges`` are there by the
    name that an expectation gives, None for the suite's own; ``rival`` is base's answer to the same question.
    """

    render: Render | None = None
    encoder: Encoder | None = None
    classifier: Classifier | None = None
    judges: Mapping[str | None, Judge] = field(default_factory=dict)
    rival: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """An answer under examination, and all that may be known about it.

    ``text`` is the answer's text after the expectation's transform; ``output_schema`` is the prompt's own.
    """

    completion: Completion
    text: str
    output_schema: Mapping[str, Json] | None = None
    inputs: Mapping[str, Json] = field(default_factory=dict)
    around: Surroundings = Surroundings()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen. ``fact`` is worded so that it explains a failure of the plain and of the negated form.

    ``score`` is a share from 0 to 1 for checks that measure one. ``forced`` is the verdict on both forms where
    the answer could not be examined: "fail" for garbage, so that a ``not-`` form is never true of it by
    accident; "error" where something is missing on our side; "skip" where the check says nothing here.
    ``advisory`` marks a verdict that is told and counts for nothing.
    """

    holds: bool
    fact: str
    score: float | None = None
    forced: Literal["fail", "error", "skip"] | None = None
    advisory: bool = False


Examine = Callable[[Expectation, Subject], Outcome]
FindProblems = Callable[[Json], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What ``threshold`` means to a type: a number above ``above`` and up to ``most``.

    ``default`` is what promptfoo documents, None where it must be written down. With ``as_value`` the number
    may stand as the type's value instead.
    """

    meaning: str
    example: float
    default: float | None = None
    above: float = 0.0
    most: float = math.inf
    whole: bool = False
    as_value: bool = False


@dataclass(frozen=True, slots=True)
class ExpectationType:
    """One name that a suite may use: how answers are examined, and what may be wrong with a value given."""

    name: str
    examine: Examine
    problems: FindProblems
    threshold: Threshold | None = None


def missing(what: str) -> Outcome:
    """The outcome where something is missing on our side: an error in both forms."""
    return Outcome(False, what, forced="error")


def beside_the_point(why: str) -> Outcome:
    """The outcome where the check says nothing about this answer: it counts for nothing in both forms."""
    return Outcome(False, why, forced="skip")


def unclear(why: str) -> Outcome:
    """The outcome for an answer that cannot be examined: a failure in both forms."""
    return Outcome(False, why, forced="fail")


def limit(expectation: Expectation) -> float:
    """The threshold of an expectation whose type has one; the reader has put its default in place."""
    if expectation.threshold is None:
        raise ValueError(f"{expectation.type} has no threshold")
    return expectation.threshold


def excerpt(text: str) -> str:
    """A text short enough for one line, in quotes."""
    return repr(shortened(text))


def shortened(text: str) -> str:
    """A text short enough for one line."""
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def bad_value(message: str, hint: str, *steps: str | int) -> Problem:
    """A problem (SUI007) of an expectation's value."""
    return Problem("SUI007", steps, message, hint)


def nothing_problems(value: Json) -> Iterable[Problem]:
    """What is wrong with the value of a type that takes none."""
    if value is not None:
        yield bad_value("This type takes no value.", "Leave it empty, or write null.")
