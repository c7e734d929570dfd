"""Checks of an answer's text as it is: equals, contains and their kin.

Names and meaning are promptfoo's, stricter in three ways: lists are lists (no text split at commas), a value
that every answer holds is refused, ``equals`` with a JSON value compares values, never their spelling.
It must never trim or repair an answer first: a service would not either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from registry.evaluation.expectations.outcome import (
    Examine,
    ExpectationType,
    Outcome,
    Subject,
    bad_value,
    excerpt,
)
from registry.evaluation.expectations.strict_json import NotJson, parse, same
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

Fold = Callable[[str], str]


def _as_is(text: str) -> str:
    return text


def _equals(expectation: Expectation, subject: Subject) -> Outcome:
    wanted = expectation.value
    if isinstance(wanted, str):
        if subject.text == wanted:
            return Outcome(True, f"is {excerpt(wanted)}")
        spaces = " (only the white space around it differs)" if subject.text.strip() == wanted.strip() else ""
        return Outcome(False, f"is {excerpt(subject.text)}, not {excerpt(wanted)}{spaces}")
    try:
        value = parse(subject.text)
    except NotJson as problem:
        return Outcome(False, f"is not JSON: {problem}")
    equal = same(value, wanted)
    return Outcome(
        equal, "is the JSON value asked for" if equal else f"is {excerpt(subject.text)}, another JSON value"
    )


def _one_of(expectation: Expectation, subject: Subject) -> Outcome:
    return Outcome(subject.text in expectation.value, f"is {excerpt(subject.text)}")


def _contains(fold: Fold) -> Examine:
    def examine(expectation: Expectation, subject: Subject) -> Outcome:
        held = fold(expectation.value) in fold(subject.text)
        return Outcome(held, f"{'contains' if held else 'does not contain'} {excerpt(expectation.value)}")

    return examine


def _contains_all(fold: Fold) -> Examine:
    def examine(expectation: Expectation, subject: Subject) -> Outcome:
        text = fold(subject.text)
        missing = [item for item in expectation.value if fold(item) not in text]
        fact = (
            f"does not contain {', '.join(map(excerpt, missing))}" if missing else "contains all of the list"
        )
        return Outcome(not missing, fact)

    return examine


def _contains_any(fold: Fold) -> Examine:
    def examine(expectation: Expectation, subject: Subject) -> Outcome:
        text = fold(subject.text)
        found = next((item for item in expectation.value if fold(item) in text), None)
        return Outcome(
            found is not None, "contains none of the list" if found is None else f"contains {excerpt(found)}"
        )

    return examine


def _starts_with(expectation: Expectation, subject: Subject) -> Outcome:
    return Outcome(subject.text.startswith(expectation.value), f"starts with {excerpt(subject.text[:40])}")


def _ends_with(expectation: Expectation, subject: Subject) -> Outcome:
    return Outcome(subject.text.endswith(expectation.value), f"ends with {excerpt(subject.text[-40:])}")


def _any_value(_value: Json) -> Iterator[Problem]:
    yield from ()


def text_problems(value: Json, *steps: str | int) -> Iterator[Problem]:
    """What is wrong with a value that must be a text with something in it."""
    if not isinstance(value, str):
        yield bad_value("The value must be text.", "Quote it if it is a number or true.", *steps)
    elif not value:
        yield bad_value("The text is empty, so every answer would do.", "Say what to look for.", *steps)


def list_problems(value: Json) -> Iterator[Problem]:
    """What is wrong with a value that must be a list of texts."""
    if isinstance(value, str):
        yield bad_value("The value must be a list.", "Write [first, second]; text is not split at commas.")
    elif not isinstance(value, list) or not value:
        yield bad_value("The value must be a list with at least one text.", "Write [first, second].")
    else:
        for index, item in enumerate(value):
            yield from text_problems(item, index)


TYPES = (
    ExpectationType("equals", _equals, _any_value),
    ExpectationType("one-of", _one_of, list_problems),
    ExpectationType("contains", _contains(_as_is), text_problems),
    ExpectationType("icontains", _contains(str.casefold), text_problems),
    ExpectationType("contains-all", _contains_all(_as_is), list_problems),
    ExpectationType("contains-any", _contains_any(_as_is), list_problems),
    ExpectationType("icontains-all", _contains_all(str.casefold), list_problems),
    ExpectationType("icontains-any", _contains_any(str.casefold), list_problems),
    ExpectationType("starts-with", _starts_with, text_problems),
    ExpectationType("ends-with", _ends_with, text_problems),
)
