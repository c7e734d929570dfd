from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from support.reports import recorded

Run = Callable[..., Result]
RUNS = ".promptyard/runs"


@pytest.fixture
def record(plain: Path) -> Path:
    (plain / RUNS).mkdir(parents=True)
    recorded(plain / RUNS / "2026-11-20T100000.0Z.jsonl", at="2026-11-20T10:00:00Z")
    recorded(plain / RUNS / "2026-11-21T100000.0Z.jsonl", count=60, lost=range(8))
    return plain / RUNS / "2026-11-21T100000.0Z.jsonl"


def test_the_last_run_is_shown_and_every_view_made_from_its_record(
    record: Path, run: Run, plain: Path
) -> None:
    files = ["--html", "out/r.html", "--junit", "out/r.xml", "--markdown", "out/r.md"]
    told = run("report", *files).stdout
    assert "VERDICT     REGRESSION" in told
    page = (plain / "out/r.html").read_text("utf-8")
    assert "The change makes 8 of 60 cases worse." in page
    assert "Over the last 2 runs here" in page
    assert "<del>base </del>says <del>pass</del>" in page
    names = {case.get("name") for case in ET.parse(plain / "out/r.xml").iter("testcase")}
    assert {"case-000", "case-059", "(gate)"} <= names
    assert (plain / "out/r.md").read_text("utf-8").startswith("<!-- promptyard:test -->")


def test_a_record_that_is_named_is_shown_wherever_it_lies(record: Path, run: Run, plain: Path) -> None:
    (plain / "old.jsonl").write_bytes((plain / RUNS / "2026-11-20T100000.0Z.jsonl").read_bytes())
    assert "INCONCLUSIVE" in run("report", "old.jsonl").stdout


def test_json_is_the_whole_report(record: Path, told: Callable[..., Any]) -> None:
    made = told("report")
    assert (made["exitCode"], made["verdicts"][0]["word"]) == (1, "REGRESSION")
    assert made["measured"][0]["currency"] == "USD"


def test_annotations_have_standard_output_for_themselves(record: Path, run: Run) -> None:
    result = run("report", "--format", "github")
    assert all(line.startswith("::error file=") for line in result.stdout.splitlines())
    assert "VERDICT     REGRESSION" in result.stderr


def test_a_run_that_went_on_without_a_verdict_is_told(record: Path, run: Run) -> None:
    with record.open("ab") as file:
        file.write(record.read_bytes().splitlines(keepends=True)[0])
    assert "came to no verdict; this is the one before" in run("report").stderr


def test_what_cannot_be_shown_says_why(plain: Path, error_of: Callable[..., str], run: Run) -> None:
    assert "RPT003 no test run has left a record here. Run promptyard test" in error_of(2, ["report"])
    (plain / "x.jsonl").write_text(json.dumps({"hello": 1}))
    assert "RPT002 the record x.jsonl has no verdict: it holds no run" in error_of(2, ["report", "x.jsonl"])
    assert "RPT001 the record y.jsonl cannot be read" in error_of(2, ["report", "y.jsonl"])
