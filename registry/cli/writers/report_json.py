"""A report as one JSON value that is made while it is written: a million cases never stand in memory together.

It must never leave out a case, nor say it otherwise than the record does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from registry.cli.writers.json import Each
from registry.evaluation.reasons import Reason
from registry.evaluation.report import Report
from registry.evaluation.verdict import Verdict
from serve.core.codec import to_json


def report_json(report: Report) -> dict[str, Any]:
    """The report, its verdicts and their cases to be made as they are written."""
    told: dict[str, Any] = to_json(replace(report, verdicts=()))
    return told | {"verdicts": Each(_verdict_json(verdict) for verdict in report.verdicts)}


def reasons_json(reasons: Sequence[Reason]) -> Each:
    """Why each answer was asked for or not."""
    return Each(map(to_json, reasons))


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    told: dict[str, Any] = to_json(replace(verdict, cases=()))
    return told | ({"cases": Each(map(to_json, verdict.cases))} if len(verdict.cases) else {})
