"""All that stands against a catalog: what lint finds, and what the suites' own reader finds.

Lint, watch and release must not differ in what they call clean, so they ask here.
It must never decide what follows from a finding.
"""

from __future__ import annotations

from datetime import date

from registry.authoring.catalog import Catalog
from registry.diagnostics import Diagnostic, in_order
from registry.evaluation.suite import read_suites
from registry.validation.lint import lint


def findings_of(catalog: Catalog, *, today: date | None = None) -> tuple[Diagnostic, ...]:
    """Every finding in a catalog, by place; dated rules are measured by ``today`` when it is given.

    Where lint has an error, the suites' reader is not heard on the same place again.
    """
    linted = lint(catalog, today=today)
    told = {finding.place for finding in linted if finding.level == "error"}
    _, in_suites = read_suites(catalog)
    return in_order((*linted, *(finding for finding in in_suites if finding.place not in told)))
