"""From ``promptyard.yaml`` to settings.

The settings themselves lie below every reader, so the reading is done here.
It must never start from half a file: what is wrong there stops everything, with its place.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from datetime import date

from registry.authoring.parse import read_yaml
from registry.authoring.tree import Tree
from registry.diagnostics import Diagnostic, Place
from registry.errors import Usage
from registry.settings import FILE, CallSettings, LintException, Settings
from serve.core.codec import ShapeError, from_json


def load_settings(tree: Tree) -> Settings:
    """The settings of a tree, the defaults where it has no ``promptyard.yaml``.

    Raises:
        Usage: CFG001 when the file cannot be used.
    """
    try:
        data = tree.read(FILE)
    except FileNotFoundError:
        return Settings()
    document, findings = read_yaml(FILE, data)
    if document is None:
        raise _unusable(findings[0])
    try:
        settings = from_json(Settings, document.data)
    except ShapeError as error:
        message = f"{'.'.join(map(str, error.steps)) or 'the file'} {error.problem}"
        raise Usage(
            "CFG001", f"{document.place(*error.steps)}: {message}", "docs/settings.md lists the keys."
        ) from error
    settings = replace(settings, content=posixpath.normpath(settings.content))
    if not settings.channels or settings.content.startswith(("/", ".")):
        what = f"{FILE}: channels must not be empty and content must be a folder below the repository"
        raise Usage("CFG001", what, "docs/settings.md lists the keys.")
    for key in ("openai", "openai_compatible", "anthropic", "gemini", "bedrock"):
        _check_calls(document.place("engines", key.replace("_", "-")), getattr(settings.engines, key))
    cap = settings.policy.max_cost_per_run_usd
    if cap is not None and not cap >= 0:
        what = f"{document.place('policy', 'maxCostPerRunUsd')}: maxCostPerRunUsd must be 0 or more"
        raise Usage("CFG001", what, "docs/settings.md lists the keys.")
    judge = settings.judge
    if judge is not None and not (judge.votes in range(1, 10, 2) and 0 < judge.min_kappa <= 1):
        what = f"{document.place('judge')}: votes must be 1, 3, 5, 7 or 9, and minKappa above 0 and up to 1"
        raise Usage("CFG001", what, "docs/settings.md lists the keys.")
    for index, exception in enumerate(settings.lint.exceptions):
        _check_exception(exception, document.place("lint", "exceptions", index))
    return settings


def _check_calls(place: Place, calls: CallSettings) -> None:
    problem = calls.problem()
    if problem is not None:
        raise Usage("CFG001", f"{place}: {problem}", "docs/settings.md lists the keys.")


def _check_exception(exception: LintException, place: Place) -> None:
    try:
        date.fromisoformat(exception.until)
    except ValueError as error:
        what = f"{place}: until {exception.until} is no day"
        raise Usage("CFG001", what, "Write a date such as until: 2027-03-01.") from error
    if not exception.reason.strip() or not exception.path.strip():
        what = f"{place}: an exception names its files under path and says why under reason"
        raise Usage("CFG001", what, "docs/settings.md shows one.")


def _unusable(finding: Diagnostic) -> Usage:
    return Usage("CFG001", f"{finding.place}: {finding.message.rstrip('.')}", finding.hint)
