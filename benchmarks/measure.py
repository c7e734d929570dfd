"""Taking turns and taking medians: the two habits that make a ratio worth quoting."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


def per_call_us(
    candidates: Mapping[str, Callable[[], object]], *, rounds: int = 21, calls: int = 2000
) -> dict[str, float]:
    """Median CPU microseconds of one call of each candidate, in interleaved rounds."""
    seen: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            start = time.thread_time_ns()
            for _ in range(calls):
                call()
            seen[name].append((time.thread_time_ns() - start) / calls / 1000)
    return {name: statistics.median(values) for name, values in seen.items()}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: CPU and wall seconds, peak resident memory in MB."""

    cpu_s: float
    wall_s: float
    rss_mb: float


def process_cost(
    command: Sequence[str],
    *,
    runs: int = 7,
    env: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Cost:
    """Medians over whole runs of a command, its output thrown away; ``before`` sets the stage for each."""
    costs = []
    for _ in range(runs + 1):
        if before is not None:
            before()
        costs.append(_one_run(command, env))
    del costs[0]
    return Cost(
        *(
            statistics.median(values)
            for values in zip(*((c.cpu_s, c.wall_s, c.rss_mb) for c in costs), strict=True)
        )
    )


def _one_run(command: Sequence[str], env: Mapping[str, str] | None) -> Cost:
    start = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})}
    ) as process:
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024)


def table(title: str, command: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table under its title, with the command that makes it."""
    lines = [f"## {title}", "", f"`{command}` · Python {sys.version.split()[0]}, {os.cpu_count()} cores", ""]
    lines += ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
