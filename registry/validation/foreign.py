"""What the reader of GitHub's files recorded, as findings.

It must never make an error of it: such a file works as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.github.drift import Topic
from registry.diagnostics import Diagnostic
from registry.validation.subject import Subject


def told(subject: Subject, topic: Topic, code: str) -> Iterator[Diagnostic]:
    """One warning for each drift of a topic."""
    for drifts in subject.catalog.drifts.values():
        for drift in drifts:
            if drift.topic == topic:
                yield Diagnostic(code, "warning", drift.place, drift.what, drift.instead)
