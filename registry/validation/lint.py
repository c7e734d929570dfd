"""All that can be said of content before anything runs: reading, schemas, then every lint of one table.

It must never stop at the first finding, nor give the same findings in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from registry.authoring.catalog import Catalog
from registry.authoring.kinds import KINDS
from registry.authoring.parse import read_yaml
from registry.diagnostics import Diagnostic, in_order
from registry.settings import FILE
from registry.validation import schema
from registry.validation.lints import (
    bdg001_budget_without_prices,
    grd001_unusable_rule,
    grd004_failing_test,
    grd005_trial_over,
    knw001_stale_knowledge,
    mod001_unknown_parameter,
    mod002_weights,
    mod003_no_token_limit,
    own001_no_owner,
    ref001_unknown_reference,
    rol001_role_order,
    sec001_untrusted_in_system,
    sec002_secret,
    sec003_environment,
    sui001_no_suite,
    tpl001_template_not_allowed,
    tpl002_output_too_large,
    tpl003_include_not_allowed,
    txt001_cut_text,
    txt002_chat_marker,
    var001_undeclared_variable,
    var002_unused_variable,
    var003_unbounded_variable,
    var004_name_used_twice,
    vrt001_unknown_message,
    vrt002_doubled_message,
)
from registry.validation.subject import Subject, subject_of


class Lint(Protocol):
    """One lint, one module: its code, a short title, why it exists (the docstring), and the check."""

    CODE: str
    TITLE: str

    def check(self, subject: Subject) -> Iterator[Diagnostic]:
        """The findings of this lint."""
        ...


LINTS: tuple[Lint, ...] = (
    ref001_unknown_reference,
    var001_undeclared_variable,
    var002_unused_variable,
    var003_unbounded_variable,
    var004_name_used_twice,
    tpl001_template_not_allowed,
    tpl002_output_too_large,
    tpl003_include_not_allowed,
    sec001_untrusted_in_system,
    sec002_secret,
    sec003_environment,
    mod001_unknown_parameter,
    mod002_weights,
    mod003_no_token_limit,
    txt001_cut_text,
    txt002_chat_marker,
    rol001_role_order,
    own001_no_owner,
    sui001_no_suite,
    vrt001_unknown_message,
    vrt002_doubled_message,
    bdg001_budget_without_prices,
    knw001_stale_knowledge,
    grd001_unusable_rule,
    grd004_failing_test,
    grd005_trial_over,
)


def lint(catalog: Catalog, *, today: date | None = None) -> tuple[Diagnostic, ...]:
    """Every finding about a catalog, by path, line and column.

    Args:
        catalog: what to look at; its own problems are among the findings.
        today: the day that dated content is measured by; without it nothing counts as stale.

    Raises:
        Unavailable: ENV003 when the installation lacks a schema.
    """
    ill_formed = tuple(_schema_findings(catalog))
    paths = {finding.place.path for finding in ill_formed}
    problems = (p for p in catalog.problems if p.code != "SCH002" or p.place.path not in paths)
    subject = subject_of(catalog, today, paths)
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
