"""Results for a program: one JSON value on stdout, keys in camelCase as in every file of ours.

It must never colour or wrap, and never mix words into the value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from registry.diagnostics import Diagnostic
from serve.core.model import Json


def write_json(value: Json) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def write_json_line(value: Json) -> None:
    """Print one JSON value on one line, for a command that goes on."""
    click.echo(json.dumps(value, ensure_ascii=False))


def findings_json(findings: Sequence[Diagnostic]) -> list[Json]:
    """Findings as JSON objects."""
    return [
        {
            "code": finding.code,
            "level": finding.level,
            "path": finding.place.path,
            "line": finding.place.line,
            "column": finding.place.column,
            "message": finding.message,
            "hint": finding.hint,
        }
        for finding in findings
    ]
