"""How a prompt fared over runs and releases: one point for each, from what was kept of it.

A point is what a run said of one suite in a few numbers. Local records give them for runs, the evidence beside a
release for releases.
It must never mend a gap: what was not measured is None, and a run of a part of the cases is no point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.errors import Usage
from registry.evaluation.measures import Summary
from registry.evaluation.recorded import read_report
from registry.evaluation.report import Report


@dataclass(frozen=True, slots=True)
class Point:
    """One run or release. ``name`` is the release's number or empty, ``at`` an ISO 8601 time in UTC."""

    suite: str
    at: str
    summary: Summary
    name: str = ""
    commit: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """The points of one suite, oldest first."""

    suite: str
    points: tuple[Point, ...]


def points(report: Report, prompt: str | None = None) -> tuple[Point, ...]:
    """One point for each suite of a run, or of one prompt; none where a part of the cases was run."""
    if report.part:
        return ()
    return tuple(
        Point(suite, report.at, summary, commit=report.head_commit or "")
        for suite, summary in report.summaries.items()
        if prompt in (None, summary.prompt)
    )


def points_of_runs(folder: Path, prompt: str | None = None, *, limit: int) -> tuple[Point, ...]:
    """The points of the newest ``limit`` whole runs in a folder, of one prompt or of all, oldest first.

    Records of runs that were cut off, and those of other versions, are passed over.
    """
    found: list[tuple[Point, ...]] = []
    for path in sorted(folder.glob("*.jsonl"), reverse=True):
        try:
            told = points(read_report(path, cases=False).report, prompt)
        except Usage:
            continue
        if told:
            found.append(told)
        if len(found) == limit:
            break
    return tuple(point for run in reversed(found) for point in run)


def trends(points: Iterable[Point], *, suites: Sequence[str] = ()) -> tuple[Trend, ...]:
    """The points by suite in order of time, of all suites or of those that are named, in their order."""
    held: dict[str, list[Point]] = {suite: [] for suite in suites}
    for point in sorted(points, key=lambda point: point.at):
        if not suites or point.suite in held:
            held.setdefault(point.suite, []).append(point)
    return tuple(Trend(suite, tuple(mine)) for suite, mine in held.items() if mine)
