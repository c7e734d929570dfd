"""The levels and exceptions of ``promptyard.yaml``, laid over what lint found.

An exception past its day excuses nothing and becomes a finding, so that none stays for ever.
It must never let a finding vanish unseen: what is excused is kept, with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from registry.authoring.parse import read_yaml
from registry.authoring.tree import Tree
from registry.diagnostics import Diagnostic, Level, Place, in_order
from registry.settings import FILE, LintException, LintSettings, Settings
from registry.validation.explain import explanations
from registry.validation.suggest import did_you_mean

OVER = "EXC001"
IDLE = "EXC002"
UNKNOWN = "EXC003"
FIRM = "EXC004"


@dataclass(frozen=True, slots=True)
class Excused:
    """A finding that an exception excuses."""

    finding: Diagnostic
    exception: LintException


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands, at its level here, and what is excused; both by place."""

    standing: tuple[Diagnostic, ...]
    excused: tuple[Excused, ...] = ()


def judge(
    findings: Iterable[Diagnostic], tree: Tree, whole: Settings, *, today: date | None = None
) -> Judged:
    """Findings at the levels that the settings give them, those that are excused apart.

    What is wrong with the settings' own levels and exceptions is among what stands (EXC001 to EXC004).

    Args:
        findings: of a whole registry.
        tree: its files; ``promptyard.yaml`` among them is asked for places.
        whole: its settings.
        today: the day by which exceptions are over; without it none is.
    """
    settings = whole.lint
    if not settings.levels and not settings.exceptions:
        return Judged(in_order(findings))
    levelled = [_levelled(finding, settings) for finding in findings]
    left = [finding for finding in levelled if finding is not None]
    bench = _Judge(tree, whole, today)
    standing = [finding for finding in left if not bench.excuses(finding)]
    of_settings = [_levelled(finding, settings) for finding in bench.about_settings()]
    standing += [finding for finding in of_settings if finding is not None]
    return Judged(in_order(standing), tuple(bench.excused))


def firm(code: str) -> str:
    """Why the level of a code cannot be changed; empty where it can."""
    told = explanations().get(code)
    return "" if told is None else told.lesson.firm


def _levelled(finding: Diagnostic, settings: LintSettings) -> Diagnostic | None:
    level = settings.levels.get(finding.code)
    if level is None or firm(finding.code):
        return finding
    return None if level == "off" else replace(finding, level=_as_level(level))


def _as_level(level: str) -> Level:
    return "error" if level == "error" else "warning" if level == "warning" else "info"


class _Judge:
    """Excuses findings, and remembers which exceptions were of use."""

    def __init__(self, tree: Tree, settings: Settings, today: date | None) -> None:
        self._tree = tree
        self._content = f"{settings.content}/"
        self._levels = settings.lint.levels
        self._exceptions = settings.lint.exceptions
        self._today = today
        self._used: set[LintException] = set()
        self.excused: list[Excused] = []

    def excuses(self, finding: Diagnostic) -> bool:
        for exception in self._exceptions:
            if self._holds(exception) and self._covers(exception, finding):
                self.excused.append(Excused(finding, exception))
                self._used.add(exception)
                return True
        return False

    def about_settings(self) -> Iterator[Diagnostic]:
        document, _ = read_yaml(FILE, self._tree.read(FILE))
        for code in self._levels:
            place = Place(FILE) if document is None else document.place("lint", "levels", code)
            yield from _about_code(code, place, f"The level of {code} cannot be changed", reason=firm(code))
        for index, exception in enumerate(self._exceptions):
            place = Place(FILE) if document is None else document.place("lint", "exceptions", index)
            yield from self._about_exception(exception, place)

    def _about_exception(self, exception: LintException, place: Place) -> Iterator[Diagnostic]:
        wrong = list(
            _about_code(
                exception.code, place, f"{exception.code} cannot be excused", reason=_never(exception.code)
            )
        )
        if wrong:
            yield from wrong
        elif self._is_over(exception):
            message = f"The exception for {exception.code} was over on {exception.until} and excuses nothing."
            hint = "Mend what it excused and remove it, or give a later day and say why."
            yield Diagnostic(OVER, "warning", place, message, hint)
        elif exception not in self._used:
            message = (
                f"The exception for {exception.code} excuses nothing: {exception.path} has no such finding."
            )
            yield Diagnostic(IDLE, "info", place, message, self._hint(exception))

    def _hint(self, exception: LintException) -> str:
        if exception.path.startswith(self._content):
            bare = exception.path.removeprefix(self._content)
            return f"Write path: {bare}; paths are counted from the content folder."
        return "Remove it, or correct its path: * stands for any name, ** for any folders."

    def _holds(self, exception: LintException) -> bool:
        return not self._is_over(exception) and not _never(exception.code)

    def _is_over(self, exception: LintException) -> bool:
        return self._today is not None and date.fromisoformat(exception.until) < self._today

    def _covers(self, exception: LintException, finding: Diagnostic) -> bool:
        path = finding.place.path
        below = path.removeprefix(self._content)
        return (
            exception.code == finding.code
            and below != path
            and bool(_pattern(exception.path).fullmatch(below))
        )


def _about_code(code: str, place: Place, problem: str, *, reason: str) -> Iterator[Diagnostic]:
    if code not in explanations():
        hint = did_you_mean(code, explanations()) or "docs/lints.md lists all codes."
        yield Diagnostic(UNKNOWN, "error", place, f"No finding has the code {code}.", hint)
    elif reason:
        hint = "Remove this line and mend the finding."
        yield Diagnostic(FIRM, "error", place, f"{problem}: {reason}.", hint)


def _never(code: str) -> str:
    """Why no exception can excuse a code; empty where one can."""
    told = explanations().get(code)
    return "" if told is None or told.lesson.excusable else told.lesson.firm


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """A glob as a pattern: ``**/`` any folders, ``**`` anything, ``*`` and ``?`` within one name."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts))
