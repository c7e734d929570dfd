"""An answer from an old snapshot of the help pages is wrong with confidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "KNW001"
TITLE = "Stale knowledge"
LESSON = Lesson(
    "warning",
    'knowledge: {source: help-centre, version: "2020-01-31", maxAgeDays: 30}\n',
    'knowledge: {source: help-centre, version: "2999-01-31", maxAgeDays: 30}\n',
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt whose dated knowledge is older than ``maxAgeDays`` on the given day."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        knowledge = prompt.knowledge
        made = None if knowledge is None else _date(knowledge.version)
        if knowledge is None or knowledge.max_age_days is None or made is None or subject.today is None:
            continue
        age = (subject.today - made).days
        if age > knowledge.max_age_days:
            place = subject.document("prompt", prompt_id).place("knowledge", "version")
            message = f"{knowledge.source} is {age} days old; {knowledge.max_age_days} is the most."
            yield Diagnostic(CODE, "warning", place, message, "Build it again and write its new date.")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
