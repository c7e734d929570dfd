"""Outcomes: the gravest note of a file, and when an import as a whole is clean."""

from __future__ import annotations

import pytest

from registry.diagnostics import Diagnostic, Place
from registry.importing.collect import Collected, Taken
from registry.importing.place import Standing
from registry.importing.port import Note
from registry.importing.report import report

NOTES = {level: Note(level, "x", "y") for level in ("changed", "lost", "fault")}
STANDING = Standing(("a",), (), ())


@pytest.mark.parametrize(
    ("levels", "files", "outcome", "clean"),
    [
        ((), {"a": b""}, "exact", True),
        (("changed",), {"a": b""}, "changed", True),
        (("lost", "changed"), {"a": b""}, "lost", True),
        (("changed", "fault", "lost"), {"a": b""}, "fault", True),
        (("fault",), {}, "refused", False),
        (("lost",), {}, "refused", False),
        (("changed",), {}, "changed", True),
    ],
)
def test_the_gravest_note_is_the_outcome(
    levels: tuple[str, ...], files: dict[str, bytes], outcome: str, clean: bool
) -> None:
    taken = Taken("p", "f", files, tuple(NOTES[level] for level in levels))
    made = report(Collected((taken,), ()), STANDING, (), dry=False)
    assert made.files[0].outcome == outcome
    assert made.count(outcome) == 1
    assert made.is_clean is clean


@pytest.mark.parametrize(("level", "clean"), [("error", False), ("warning", True)])
def test_lint_s_errors_against_a_file_that_came_in_count_and_others_do_not(level: str, clean: bool) -> None:
    taken = Taken("p", "f", {"a": b""}, ())
    findings = [Diagnostic("X", level, Place("a"), "m"), Diagnostic("X", "error", Place("elsewhere"), "m")]
    made = report(Collected((taken,), ()), STANDING, findings, dry=True)
    assert [finding.place.path for finding in made.files[0].findings] == ["a"]
    assert made.is_clean is clean
