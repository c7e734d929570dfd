"""All that stands against a catalog: what lint finds, and what the suites' own reader finds.

Lint, watch, render and release must not differ in what they call clean, so they ask here. The levels and
exceptions of ``promptyard.yaml`` are laid over it here, and nowhere else.
It must never decide what follows from a finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from pathlib import Path

from registry.authoring.catalog import Catalog
from registry.diagnostics import Diagnostic, Place, in_order
from registry.evaluation.asking import models_of
from registry.evaluation.suite import read_suites
from registry.validation.levels import Judged, judge
from registry.validation.lint import lint
from registry.validation.overall import overall
from serve.core.guard.checks.asked import Models
from serve.guard_ml.models import LocalModels

_TOLD_BETTER = {"TXT003": ("YML001", "YML004", "SCH001", "SCH002"), "TXT004": ("YML001", "SCH001")}


def findings_of(
    catalog: Catalog, *, today: date | None = None, weights: Path | None = None
) -> tuple[Diagnostic, ...]:
    """Every finding in a catalog that is not excused, by place; dated rules are measured by ``today``.

    ``weights`` is the folder of weights with which guardrail rules are tried that ask a model.
    """
    return judged(catalog, today=today, weights=weights).standing


def judged(catalog: Catalog, *, today: date | None = None, weights: Path | None = None) -> Judged:
    """Every finding in a catalog at its level here, the excused ones apart; without ``today`` nothing is dated."""
    found = (*found_in(catalog, today=today, weights=weights), *overall(catalog, today=today))
    return judge(found, catalog.tree, catalog.settings, today=today)


def found_in(
    catalog: Catalog, *, today: date | None = None, weights: Path | None = None
) -> tuple[Diagnostic, ...]:
    """Every finding in a catalog, or in a part of one that holds all it names, as the rules have it.

    Where lint has an error, the suites' reader is not heard on the same place again; where a lint knows what
    was meant, the readers of YAML and schemas are not; nor who misses a file that cannot be read.
    """
    linted = tuple(_without_echoes(lint(catalog, today=today, models=_models(catalog, weights))))
    told = {finding.place for finding in linted if finding.level == "error"} | _waiting(catalog)
    _, in_suites = read_suites(catalog)
    return in_order((*linted, *(finding for finding in in_suites if finding.place not in told)))


def _models(catalog: Catalog, weights: Path | None) -> Models | None:
    """What opens the models that rules ask; without weights still what needs none."""
    return LocalModels() if weights is None else models_of(catalog, weights)


def _without_echoes(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Without what another finding in the same line, or in a file that cannot be read, says better."""
    held = tuple(findings)
    unread = {finding.place.path for finding in held if finding.code.startswith("YML")}
    echoes = {(code, _where(each, unread)) for each in held for code in _TOLD_BETTER.get(each.code, ())}
    return (each for each in held if (each.code, _where(each, unread)) not in echoes)


def _where(finding: Diagnostic, unread: Collection[str]) -> str:
    path, line = finding.place.path, finding.place.line
    return path if path in unread else f"{path}:{line}"


def _waiting(catalog: Catalog) -> set[Place]:
    """Where suites name a prompt whose file cannot be read, which is told of that file."""
    unread = {problem.place.path for problem in catalog.problems}
    return {
        document.place("prompt")
        for document in catalog.documents["suite"].values()
        if isinstance(document.data, dict)
        and f"{catalog.settings.content}/{document.data.get('prompt')}.prompt.yaml" in unread
    }
