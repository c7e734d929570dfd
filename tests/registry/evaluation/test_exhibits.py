from __future__ import annotations

from pathlib import Path

from support.reports import recorded

from registry.evaluation.exhibits import choose, exhibits
from registry.evaluation.recorded import read_answers


def test_a_case_is_shown_with_its_input_and_both_answers(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", lost=[3], answers={3: "x" * 900})
    chosen = choose(made)
    answers = read_answers(tmp_path / "r.jsonl", {("support/triage", "case-003")})
    (shown,) = exhibits(made, chosen, answers)["support/triage"]
    assert (shown.mark, shown.case, shown.inputs) == ("lost", "case-003", {"ticket": "case-003"})
    assert shown.base is not None
    assert shown.head is not None
    assert (shown.base.text, shown.base.passed, shown.base.answers) == ("base says pass", 1, 1)
    assert (shown.head.text, shown.head.passed) == ("x" * 900, 0)
    assert [check.status for check in shown.head.checks] == ["fail"]


def test_without_a_record_the_beginnings_that_the_verdict_holds_are_shown(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", lost=[3], answers={3: "x" * 900})
    (shown,) = exhibits(made, choose(made), {})["support/triage"]
    assert shown.head is not None
    assert shown.head.text == "x" * 500


def test_of_many_cases_some_are_chosen_and_none_is_forgotten(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", count=300, lost=range(250))
    choice = choose(made)["support/triage"]
    assert (len(choice.chosen), len(choice.others)) == (200, 50)
