"""A report as JSON Lines: one object for the run, one per suite and one per case, for tools that read line by line.

With the samples before them they are the record, from which :mod:`registry.evaluation.recorded` makes the report
again. It must never leave out a case: what is left out cannot be asked for later.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from registry.evaluation.report import Report
from serve.core.codec import to_json
from serve.core.model import Json


def verdicts(report: Report) -> Iterator[str]:
    """The lines, each ending in a newline: ``kind``, which stands first, is ``run``, ``verdict`` or ``case``."""
    yield _line({"kind": "run", **to_json(replace(report, verdicts=()))})
    for verdict in report.verdicts:
        yield _line({"kind": "verdict", **to_json(replace(verdict, cases=()))})
        for result in verdict.cases:
            yield _line({"kind": "case", "suite": verdict.suite, **to_json(result)})


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n"
