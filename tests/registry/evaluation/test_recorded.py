from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.reports import HOSTILE, recorded
from support.samples import many

from registry.errors import Usage
from registry.evaluation.recorded import read_answers, read_report


def test_the_report_of_a_record_is_the_report_of_the_run(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", lost=[1, 2, 3], broken=[7], answers={1: HOSTILE})
    again = read_report(tmp_path / "r.jsonl")
    assert again.report == made
    assert not again.unfinished
    assert again.report.verdicts[0].cases[1].inputs == {"ticket": "case-001"}
    assert again.report.verdicts[0].cases[0].inputs == {}


def test_of_several_runs_in_one_record_the_last_counts(tmp_path: Path) -> None:
    recorded(tmp_path / "r.jsonl", lost=[1, 2, 3, 4, 5, 6])
    made = recorded(tmp_path / "r.jsonl", at="2026-11-22T10:00:00Z")
    assert read_report(tmp_path / "r.jsonl").report == made


def test_without_cases_the_verdict_and_the_numbers_are_there(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", lost=[1])
    (verdict,) = read_report(tmp_path / "r.jsonl", cases=False).report.verdicts
    assert (verdict.cases, verdict.word) == ((), made.verdicts[0].word)


def test_answers_are_whole_and_only_those_that_were_asked_for(tmp_path: Path) -> None:
    recorded(tmp_path / "r.jsonl", lost=[1], answers={1: HOSTILE * 20})
    found = read_answers(tmp_path / "r.jsonl", {(many(1).id, "case-001")})
    assert {name[1:] for name in found} == {("case-001", "base"), ("case-001", "head")}
    assert found[many(1).id, "case-001", "head"][0].completion.text == HOSTILE * 20
    assert read_answers(tmp_path / "r.jsonl", frozenset()) == {}


def test_a_record_that_goes_on_after_its_verdict_says_so(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    made = recorded(path)
    with path.open("ab") as file:
        file.write(path.read_bytes().splitlines()[0] + b'\n{"arm":"head","case":"cut sh')
    again = read_report(path)
    assert again.unfinished
    assert again.report == made


def test_a_run_that_was_cut_off_has_no_verdict(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    recorded(path)
    path.write_bytes(b"".join(line for line in path.read_bytes().splitlines(True) if b'"kind"' not in line))
    with pytest.raises(Usage, match=r"RPT002 the record r.jsonl has no verdict: its run was cut off\. Go on"):
        read_report(path)


def test_what_is_no_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("hello\n")
    with pytest.raises(Usage, match=r"RPT002 .* it holds no run"):
        read_report(tmp_path / "x.jsonl")
    with pytest.raises(Usage, match=r"RPT001 the record none\.jsonl cannot be read"):
        read_report(tmp_path / "none.jsonl")
    with pytest.raises(Usage, match=r"RPT001"):
        read_report(tmp_path)


@pytest.mark.parametrize(
    "line", ['{"kind":"run","verdicts":3}', '{"kind":"verdict","suite":', '{"kind":"case"}']
)
def test_a_damaged_line_is_told_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "r.jsonl"
    recorded(path, count=2)
    path.write_bytes(path.read_bytes() + line.encode() + b"\n")
    count = len(path.read_bytes().splitlines())
    with pytest.raises(Usage, match=rf"RPT001 line {count} of r\.jsonl cannot be read"):
        read_report(path)


def test_a_record_from_before_runs_had_a_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    made = recorded(path, lost=[1, 2, 3, 4, 5, 6, 7])
    old = [line for line in path.read_bytes().splitlines(True) if json.loads(line).get("kind") != "run"]
    path.write_bytes(b"".join(old))
    again = read_report(path).report
    assert (again.verdicts, again.exit_code) == (made.verdicts, made.exit_code)
