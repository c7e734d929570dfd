from __future__ import annotations

from pathlib import Path

import pytest
from support.content import FILES, catalog, write

from registry.diagnostics import Diagnostic
from registry.evaluation.records import Suite
from registry.evaluation.suite import read_suites

SUITE = """\
promptyard: 1
prompt: support/triage
mode: render
defaults: {inputs: {teams: [cards]}, expect: [{contains: cards}]}
datasets:
  - file: rows.jsonl
    inputs: {ticket: text}
    expect: [{contains: "{{ want }}"}, {word-count: {max: "{{ most }}"}}]
    group: source
    required: true
"""
ROWS = """\
{"text": "one", "want": "a", "most": 5, "source": "x"}
{"text": "two", "want": "b", "most": 6, "source": 7}
"""


def read(
    root: Path, suite: str = SUITE, rows: str = ROWS, name: str = "rows.jsonl"
) -> tuple[tuple[Suite, ...], tuple[Diagnostic, ...]]:
    write(root, FILES, **{"prompts/support/triage.suite.yaml": suite, f"prompts/support/{name}": rows})
    return read_suites(catalog(root))


def test_each_row_is_a_case_with_its_values_filled_in(tmp_path: Path) -> None:
    suites, findings = read(tmp_path)
    assert findings == ()
    first, second = suites[0].cases
    assert first.inputs == {"teams": ["cards"], "ticket": "one"}
    assert [(one.type, one.value) for one in first.expect] == [
        ("contains", "cards"),
        ("contains", "a"),
        ("word-count", {"max": 5}),
    ]
    assert (first.group, second.group, first.required, first.line) == ("x", "7", True, 6)


def test_a_row_put_in_between_renames_nothing(tmp_path: Path) -> None:
    before, _ = read(tmp_path)
    between = ROWS.replace("\n", '\n{"text": "new", "want": "c", "most": 1, "source": "x"}\n', 1)
    after, _ = read(tmp_path, rows=between)
    assert [case.id for case in before[0].cases] == [after[0].cases[n].id for n in (0, 2)]
    assert before[0].cases[0].id.startswith("rows-")


def test_a_column_can_name_the_cases(tmp_path: Path) -> None:
    suites, _ = read(tmp_path, SUITE.replace("group: source", "id: source"))
    assert [case.id for case in suites[0].cases] == ["x", "7"]


def test_csv_works_alike(tmp_path: Path) -> None:
    suite = SUITE.replace("rows.jsonl", "rows.csv").replace(', {word-count: {max: "{{ most }}"}}', "")
    suites, findings = read(tmp_path, suite, "text,want,source\none,a,x\n", "rows.csv")
    assert findings == ()
    assert suites[0].cases[0].inputs["ticket"] == "one"


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "words"),
    [
        (
            "rows.jsonl",
            "row.jsonl",
            "SUI008",
            "prompts/support/triage.suite.yaml:6:5",
            "no file prompts/support/row",
        ),
        ("rows.jsonl", "rows.txt", "SUI008", "prompts/support/triage.suite.yaml:6:5", ".jsonl or .csv"),
        ("rows.jsonl", "../../../etc/x.csv", "SUI002", "prompts/support/triage.suite.yaml:6:5", "outside"),
        ("rows.jsonl", "/etc/x.csv", "SUI002", "prompts/support/triage.suite.yaml:6:5", "outside"),
        ("ticket: text", "ticket: 5", "SUI002", "prompts/support/triage.suite.yaml:7:14", "named by text"),
        (
            "inputs: {ticket: text}",
            "inputs: {ticket: text}\n    limit: 5",
            "SUI011",
            "prompts/support/triage.suite.yaml:8:5",
            "limit",
        ),
        ('contains: "{{', 'containz: "{{', "SUI005", "prompts/support/triage.suite.yaml:8:15", "contains"),
        ("ticket: text", "ticket: txt", "SUI009", "prompts/support/rows.jsonl:1:1", "no txt; it has"),
        ("{{ want }}", "{{ wants }}", "SUI009", "prompts/support/rows.jsonl:1:1", "no wants"),
        ("{{ most }}", "{{ want }}", "SUI007", "prompts/support/rows.jsonl:1:1", "whole number"),
        ("ticket: text", "teams: text", "SUI010", "prompts/support/rows.jsonl:1:1", "ticket is missing"),
    ],
)
def test_what_is_wrong_is_told_where_it_can_be_mended(
    tmp_path: Path, old: str, new: str, code: str, place: str, words: str
) -> None:
    suites, findings = read(tmp_path, SUITE.replace(old, new))
    assert suites == ()
    assert (findings[0].code, str(findings[0].place)) == (code, place)
    assert words in f"{findings[0].message} {findings[0].hint}"


def test_a_doubled_row_is_told_at_its_line(tmp_path: Path) -> None:
    _, findings = read(tmp_path, rows=ROWS + ROWS)
    assert [(one.code, one.place.line) for one in findings] == [("SUI004", 3), ("SUI004", 4)]


def test_a_row_that_is_no_json_is_told_at_its_line(tmp_path: Path) -> None:
    _, findings = read(tmp_path, rows=ROWS + "{oops\n")
    assert [(one.code, one.place.line) for one in findings] == [("SUI008", 3)]


def test_an_empty_dataset_is_an_error(tmp_path: Path) -> None:
    _, findings = read(tmp_path, rows="\n")
    assert [one.message for one in findings] == ["The dataset has no rows."]


def test_a_bad_file_does_not_flood(tmp_path: Path) -> None:
    rows = "".join(f'{{"text": "{n}"}}\n' for n in range(500))
    _, findings = read(tmp_path, rows=rows)
    assert len(findings) == 10


def test_two_rows_that_share_ten_digits_are_told_apart_and_doubles_are_still_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("registry.evaluation.dataset_cases._DIGITS", 2)
    row = '{{"text": "{}", "want": "a", "most": 5, "source": "x"}}'
    rows = [row.format(n) for n in range(30)]
    (suite,), findings = read(tmp_path / "a", rows="\n".join(rows))
    assert not findings
    assert [case.inputs["ticket"] for case in suite.cases] == [str(n) for n in range(30)]
    assert {len(case.id) for case in suite.cases} == {len("rows-ab"), len("rows-abcd")}
    assert [found.code for found in read(tmp_path / "b", rows="\n".join([*rows, rows[3]]))[1]] == ["SUI004"]
