"""Every code that a finding can have, with what there is to know about it.

Lints tell of themselves in their own files; the codes of readers and settings are in ``codes``.
It must never tell another thing than what the code does: the examples are run by a test.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from registry.validation.codes import CODES
from registry.validation.lesson import Lesson
from registry.validation.table import LINTS, OVERALL, Lint


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code, its short title, why it exists, and its lesson."""

    code: str
    title: str
    why: str
    lesson: Lesson


@cache
def explanations() -> Mapping[str, Explanation]:
    """All explanations by code, sorted."""
    told = [_of_lint(each) for each in (*LINTS, *OVERALL)]
    told += [Explanation(code, each.title, each.why, each.lesson) for code, each in CODES.items()]
    return {each.code: each for each in sorted(told, key=lambda each: each.code)}


def _of_lint(lint: Lint) -> Explanation:
    return Explanation(lint.CODE, lint.TITLE, inspect.getdoc(lint) or "", lint.LESSON)
