from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.reports import recorded

from registry.cli.writers.json import write_json_stream
from registry.cli.writers.report_json import report_json
from registry.evaluation.report import Report
from serve.core.codec import from_json, to_json


def test_a_report_reads_the_same_as_its_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = recorded(tmp_path / "r.jsonl", count=30, lost=[0, 4])
    for report in (
        made,
        replace(made, verdicts=()),
        replace(made, verdicts=(*made.verdicts, *made.verdicts)),
    ):
        write_json_stream(report_json(report))
        told = json.loads(capsys.readouterr().out)
        assert told == json.loads(json.dumps(to_json(report)))
        assert len(from_json(Report, told).verdicts) == len(report.verdicts)
