"""What a check gets, what it gives, and what a type of check is.

Every family is written against these three shapes, so the table is the only place that knows all of them.
It must never decide a case: an outcome says what was seen of one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from registry.evaluation.problem import Problem
from registry.evaluation.records import Completion, Expectation
from serve.core.model import Json

_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """An answer under examination, and the prompt's own output schema where it has one."""

    completion: Completion
    output_schema: Mapping[str, Json] | None = None

    @property
    def text(self) -> str:
        """The answer's text."""
        return self.completion.text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen. ``fact`` is worded so that it explains a failure of the plain and of the negated form.

    ``decided`` is False where the answer could not be examined (it is not JSON, say): then both forms fail,
    so that a ``not-`` form is never true of garbage by accident.
    """

    holds: bool
    fact: str
    decided: bool = True


Examine = Callable[[Expectation, Subject], Outcome]
FindProblems = Callable[[Json], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class ExpectationType:
    """One name that a suite may use: how answers are examined, and what may be wrong with a value given."""

    name: str
    examine: Examine
    problems: FindProblems
    has_threshold: bool = False


def excerpt(text: str) -> str:
    """A text short enough for one line, in quotes."""
    return repr(text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…")


def bad_value(message: str, hint: str, *steps: str | int) -> Problem:
    """A problem (SUI007) of an expectation's value."""
    return Problem("SUI007", steps, message, hint)
