"""Results for a program: one JSON value on stdout, keys in camelCase as in every file of ours.

It must never colour or wrap, and never mix words into the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from registry.diagnostics import Diagnostic
from serve.core.codec import to_json
from serve.core.model import Json

if TYPE_CHECKING:  # loads every lint
    from registry.validation.levels import Excused

_TOGETHER = 500  # pieces; each call that prints empties a buffer


def write_json(value: Json) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


class Each:
    """A list whose items are made one by one as they are written, for lists that outgrow memory."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = items


def write_json_stream(value: Mapping[str, Any]) -> None:
    """Print one JSON value in which an :class:`Each` stands for a list; in characters as :func:`write_json` does."""
    pieces = _pieces(value, "\n")
    while some := list(islice(pieces, _TOGETHER)):
        click.echo("".join(some), nl=False)
    click.echo()


def _pieces(value: Any, line: str) -> Iterator[str]:
    """The text of a value, each of its lines begun with ``line``."""
    deeper = f"{line}  "
    if isinstance(value, Each):
        lead = f"[{deeper}"
        for item in value.items:
            yield lead
            yield from _pieces(item, deeper)
            lead = f",{deeper}"
        yield "[]" if lead[0] == "[" else f"{line}]"
    elif isinstance(value, Mapping) and any(isinstance(item, Each) for item in value.values()):
        lead = f"{{{deeper}"
        for key, item in value.items():
            yield f"{lead}{json.dumps(key, ensure_ascii=False)}: "
            yield from _pieces(item, deeper)
            lead = f",{deeper}"
        yield f"{line}}}"
    else:
        yield json.dumps(value, ensure_ascii=False, indent=2).replace("\n", line)


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
