"""Which suites and cases a test run is about.

It must never run fewer than were named without a word.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from registry.authoring.catalog import Catalog
from registry.cli.testing.asked import Asked
from registry.diagnostics import Diagnostic, has_errors
from registry.errors import Usage
from registry.evaluation.records import Suite
from registry.evaluation.suite import read_suites


def chosen_suites(catalog: Catalog, asked: Asked) -> tuple[tuple[Suite, ...], tuple[Diagnostic, ...]]:
    """The suites that were asked for, with what was found in them; none when there are errors.

    Raises:
        Usage: EVL005 when no suite or case has the name.
    """
    suites, findings = read_suites(catalog)
    problems = (*catalog.problems, *findings)
    if has_errors(problems):
        return (), tuple(problem for problem in problems if problem.level == "error")
    known = {name for suite in suites for name in (suite.id, suite.prompt)}
    for name in asked.names:
        if name not in known:
            document = catalog.documents["prompt"].get(name)
            if document is not None:
                _tell_refused([found for found in findings if found.place.path == document.path])
            close = difflib.get_close_matches(name, known, 1, 0.5)
            advice = f"Did you mean {close[0]}?" if close else f"Write one: promptyard new suite {name}."
            raise Usage("EVL005", f"no suite tests {name}", advice)
    named = [suite for suite in suites if _is_named(suite, asked.names)]
    if named:
        _require_known(asked, named)
    chosen = tuple(suite for suite in (narrowed(suite, asked) for suite in named) if suite.cases)
    if not chosen:
        if not (asked.case or asked.tag or suites):
            _tell_refused(findings)
        raise _nothing_chosen(asked, {tag for suite in suites for case in suite.cases for tag in case.tags})
    return chosen, tuple(each for each in findings if each.place.path in {suite.path for suite in chosen})


def _tell_refused(findings: Sequence[Diagnostic]) -> None:
    """Raise where rows were written and the prompt would refuse them: then there is a suite, and it is empty."""
    rows = [finding for finding in findings if finding.code == "SUI010"]
    if not rows:
        return
    more = f", and so with {len(rows) - 1} more" if len(rows) > 1 else ""
    what = f"no row can run: {rows[0].place}: {rows[0].message.rstrip('.')}{more}"
    raise Usage("EVL005", what, "Correct the rows; promptyard lint shows each.")


def _require_known(asked: Asked, suites: Sequence[Suite]) -> None:
    """Refuse a case or a tag that is nowhere: what was meant would be left out without a word."""
    if not (asked.case or asked.tag):
        return
    cases = {case.id for suite in suites for case in suite.cases} if asked.case else set()
    tags = {tag for suite in suites for case in suite.cases for tag in case.tags} if asked.tag else set()
    unknown = [case for case in asked.case if case not in cases]
    if unknown:
        close = difflib.get_close_matches(unknown[0], cases, 1, 0.6)
        hint = f"Did you mean {close[0]}?" if close else "Cases are in *.suite.yaml below the content folder."
        raise Usage("EVL005", f"no case {', '.join(unknown)}", hint)
    strange = tuple(tag for tag in asked.tag if tag not in tags)
    if strange:
        raise _nothing_chosen(replace(asked, case=(), tag=strange), tags)


def _nothing_chosen(asked: Asked, tags: set[str]) -> Usage:
    hint = "Cases are in *.suite.yaml below the content folder."
    if asked.tag:
        case = f" is called {', '.join(asked.case)} and" if asked.case else ""
        hint = f"Tags are: {', '.join(sorted(tags))}." if tags else "No case has any: write tags: [billing]."
        return Usage("EVL005", f"no case{case} has the tag {' or '.join(asked.tag)}", hint)
    return Usage("EVL005", f"no case {', '.join(asked.case)}" if asked.case else "there is no suite", hint)


def _is_named(suite: Suite, names: Sequence[str]) -> bool:
    return not names or suite.id in names or suite.prompt in names


def narrowed(suite: Suite, asked: Asked, like: Suite | None = None) -> Suite:
    """A suite with the cases (by id, by tag) and as many samples as were asked for.

    Cases that ``like`` has count as tagged: a tag that is new in head leaves base with its case.
    """
    if not (asked.case or asked.tag):
        return replace(suite, samples=asked.samples or suite.samples)
    tags = frozenset(asked.tag)
    there = frozenset(case.id for case in like.cases) if like is not None and tags else frozenset()
    cases = tuple(
        case
        for case in suite.cases
        if (not asked.case or case.id in asked.case)
        and (not tags or case.id in there or not tags.isdisjoint(case.tags))
    )
    return replace(suite, cases=cases, samples=asked.samples or suite.samples)
