from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.reports import recorded

from registry.evaluation.history import points, points_of_runs, trends


def test_runs_become_points_the_oldest_first_in_a_trend(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        recorded(tmp_path / f"{day}.jsonl", lost=range(day), at=f"2026-11-0{day}T10:00:00Z")
    (trend,) = trends(points_of_runs(tmp_path, limit=2))
    assert [point.at for point in trend.points] == ["2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z"]
    assert [point.summary.pass_rate for point in trend.points] == [0.9, 0.85]
    told = trend.points[0].summary
    assert (told.cases, told.tokens, told.cost, told.currency, told.latency_p50_s) == (
        20,
        110,
        2**-11,
        "USD",
        0.25,
    )


def test_a_run_of_a_part_and_a_run_that_was_cut_off_are_no_points(tmp_path: Path) -> None:
    made = recorded(tmp_path / "1.jsonl")
    assert points(replace(made, part=True)) == ()
    (tmp_path / "2.jsonl").write_text("cut off")
    assert len(points_of_runs(tmp_path, limit=9)) == 1


def test_a_prompt_has_its_own_points_and_suites_their_own_order(tmp_path: Path) -> None:
    made = recorded(tmp_path / "1.jsonl")
    assert points_of_runs(tmp_path, "other/prompt", limit=9) == ()
    (point,) = points(made, "support/triage")
    other = replace(point, suite="a/b")
    assert [it.suite for it in trends([point, other], suites=["support/triage", "a/b"])] == [
        "support/triage",
        "a/b",
    ]
    assert trends([other], suites=["support/triage"]) == ()
