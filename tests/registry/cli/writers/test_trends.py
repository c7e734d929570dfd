from __future__ import annotations

import io

from rich.console import Console
from rich.theme import Theme

from registry.cli.writers.trends import bar, spark, write_trends
from registry.evaluation.history import Point, Trend
from registry.evaluation.measures import Summary


def point(name: str, rate: float | None, cost: float | None, latency: float | None) -> Point:
    told = Summary("support/triage", "PASS", 148, rate, 148, 160.0, cost, "USD", latency)
    return Point("support/triage", f"2026-11-0{name}T10:00:00Z", told, name, "c" * 40, ("staging",))


def shown(*points: Point) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=140, theme=Theme({"path": "", "good": "", "warning": ""}))
    write_trends(console, [Trend("support/triage", points)], of="releases")
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_a_line_per_figure_and_a_row_per_release() -> None:
    lines = shown(point("1", 0.8, 0.0004, 0.5), point("2", None, None, None), point("3", 1.0, 0.0004, 2.0))
    assert lines[0] == "support/triage  3 releases"
    assert lines[1] == "  pass rate    ▁ █  80.0% → 100.0%"
    assert lines[2] == "  cost         ▅ ▅  $0.000400 → $0.000400"
    assert lines[4] == "  latency p50  ▁ █  500 ms → 2.00 s"
    assert lines[6].split() == [
        "1",
        "2026-11-01",
        "10:00",
        "UTC",
        "PASS",
        "148",
        "████████",
        "80.0%",
        "$0.000400",
        "160.0",
        "500",
        "ms",
        "staging",
    ]
    assert lines[7].split() == [
        "2",
        "2026-11-02",
        "10:00",
        "UTC",
        "PASS",
        "148",
        "–",
        "–",
        "160.0",
        "–",
        "staging",
    ]


def test_one_release_is_a_row_without_a_line() -> None:
    lines = shown(point("1", 0.8, None, None))
    assert lines[0] == "support/triage  1 release"
    assert len(lines) == 3


def test_bars_and_blocks() -> None:
    assert (bar(1.0), bar(0.0), bar(None)) == ("█" * 10, " " * 10, " " * 10)
    assert bar(0.919) == "█████████▎"
    assert (spark([]), spark([None]), spark([0.0, 0.0])) == ("", "", "▅▅")
