"""Checks by regular expression, in RE2: linear time, whatever the pattern and the answer.

It must never meet a pattern at run time that was not compiled when the suite was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from registry.evaluation.expectations.dialect import translated
from registry.evaluation.expectations.outcome import ExpectationType, Outcome, Subject, bad_value, excerpt
from registry.evaluation.expectations.text import text_problems
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

_DIALECT = "Patterns are RE2: no look-around, no back-references; (?i) ignores case."
_LOOK_AHEAD = "Patterns are RE2, without look-ahead: write not-regex with what must not occur."
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern, compiled, JavaScript's spellings included; raises re2.error."""
    return re2.compile(translated(pattern), options=_OPTIONS)


def search(pattern: str, text: str) -> Any:
    """The first match in a text, or None. Lone surrogates, which JSON can smuggle in, become ``?``."""
    return compiled(pattern).search(text.encode("utf-8", "replace").decode())


def pattern_problems(value: Json, *steps: str | int) -> Iterator[Problem]:
    """What is wrong with a value that must be a pattern."""
    found = list(text_problems(value, *steps))
    yield from found
    if found:
        return
    try:
        compiled(value)
    except re2.error as error:
        reason = error.args[0] if error.args else "it does not parse"
        why = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        hint = _LOOK_AHEAD if "(?!" in value else _DIALECT
        yield bad_value(f"The pattern cannot be compiled: {why}.", hint, *steps)
    except UnicodeEncodeError:
        yield bad_value(
            "The pattern holds half a character (a lone surrogate).", "Write the whole character.", *steps
        )


def _regex(expectation: Expectation, subject: Subject) -> Outcome:
    found = search(expectation.value, subject.text)
    if found is None:
        return Outcome(False, f"holds nothing that matches {excerpt(expectation.value)}")
    return Outcome(True, f"matches with {excerpt(found.group())}")


TYPES = (ExpectationType("regex", _regex, pattern_problems),)
