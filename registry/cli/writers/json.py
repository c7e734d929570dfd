"""Results for a program: one JSON value on stdout, keys in camelCase as in every file of ours.

It must never colour or wrap, and never mix words into the value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from registry.diagnostics import Diagnostic
from serve.core.codec import to_json
from serve.core.model import Json

if TYPE_CHECKING:  # loads every lint
    from registry.validation.levels import Excused


def write_json(value: Json) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def write_json_line(value: Json) -> None:
    """Print one JSON value on one line, for a command that goes on."""
    click.echo(json.dumps(value, ensure_ascii=False))


def findings_json(findings: Sequence[Diagnostic]) -> list[Json]:
    """Findings as JSON objects; ``fix`` is there where there is one."""
    return [_finding(finding) for finding in findings]


def excused_json(excused: Sequence[Excused]) -> list[Json]:
    """Excused findings, each with the reason and the last day of its exception."""
    return [
        {**_finding(each.finding), "reason": each.exception.reason, "until": each.exception.until}
        for each in excused
    ]


def _finding(finding: Diagnostic) -> dict[str, Json]:
    told: dict[str, Json] = {
        "code": finding.code,
        "level": finding.level,
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
        "hint": finding.hint,
    }
    if finding.fix is not None:
        edits = [to_json(edit) for edit in finding.fix.edits]
        told["fix"] = {"title": finding.fix.title, "edits": edits}
    return told
