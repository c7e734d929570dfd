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
            close = difflib.get_close_matches(name, known, 1, 0.5)
            advice = f"Did you mean {close[0]}?" if close else f"Write one: promptyard new suite {name}."
            raise Usage("EVL005", f"no suite tests {name}", advice)
    chosen = tuple(narrowed(suite, asked) for suite in suites if _is_named(suite, asked.names))
    chosen = tuple(suite for suite in chosen if suite.cases)
    if not chosen:
        what = f"no case {', '.join(asked.case)}" if asked.case else "there is no suite"
        raise Usage("EVL005", what, "Cases are in *.suite.yaml below the content folder.")
    return chosen, tuple(each for each in findings if each.place.path in {suite.path for suite in chosen})


def _is_named(suite: Suite, names: Sequence[str]) -> bool:
    return not names or suite.id in names or suite.prompt in names


def narrowed(suite: Suite, asked: Asked) -> Suite:
    """A suite with the cases and as many samples as were asked for."""
    cases = tuple(case for case in suite.cases if not asked.case or case.id in asked.case)
    return replace(suite, cases=cases, samples=asked.samples or suite.samples)
