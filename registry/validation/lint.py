"""All that can be said of content before anything runs: reading, schemas, then every lint of one table.

It must never stop at the first finding, nor give the same findings in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from registry.authoring.catalog import Catalog
from registry.authoring.kinds import KINDS
from registry.authoring.parse import read_yaml
from registry.diagnostics import Diagnostic, in_order
from registry.settings import FILE
from registry.validation import schema
from registry.validation.subject import subject_of
from registry.validation.table import LINTS
from serve.core.guard.checks.asked import Models


def lint(
    catalog: Catalog, *, today: date | None = None, models: Models | None = None
) -> tuple[Diagnostic, ...]:
    """Every finding about a catalog, by path, line and column.

    Args:
        catalog: what to look at; its own problems are among the findings.
        today: the day that dated content is measured by; without it nothing counts as stale.
        models: opens what guardrail rules ask, so that their tests can be run; without it they are not.

    Raises:
        Unavailable: ENV003 when the installation lacks a schema.
    """
    ill_formed = tuple(_schema_findings(catalog))
    paths = {finding.place.path for finding in ill_formed}
    problems = (p for p in catalog.problems if p.code != "SCH002" or p.place.path not in paths)
    subject = subject_of(catalog, today, paths, models)
    found = (finding for each in LINTS for finding in each.check(subject))
    return in_order([*problems, *ill_formed, *found])


def _schema_findings(catalog: Catalog) -> Iterator[Diagnostic]:
    for kind in KINDS:
        for document in catalog.documents[kind.name].values():
            yield from schema.check(document, kind.schema)
    try:
        settings, _ = read_yaml(FILE, catalog.tree.read(FILE))
    except FileNotFoundError:
        return
    if settings is not None:
        yield from schema.check(settings, "settings.schema.json")
