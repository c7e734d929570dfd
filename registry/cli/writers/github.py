"""Findings as GitHub's workflow commands, so that they stand at their lines in a pull request.

Source: GitHub Docs, "Workflow commands for GitHub Actions", setting an error, warning or notice message.
It must never let text of a file end a command early: data and properties are escaped as the runner expects.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from registry.diagnostics import Diagnostic

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def write_github(findings: Sequence[Diagnostic], prefix: str = "") -> None:
    """Print one command per finding; ``prefix`` is the registry's folder below the repository's top."""
    for finding in findings:
        place = finding.place
        where = f"file={_property(prefix + place.path)},line={place.line},col={place.column}"
        text = _data(f"{finding.message}\n{finding.hint}".strip())
        click.echo(f"::{_COMMANDS[finding.level]} {where},title={_property(finding.code)}::{text}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
