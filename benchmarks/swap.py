"""5,000 prompts change places while renders go on: what it costs in memory, and what the renders feel of it.

Each row is a process of its own. Renders come at about 800 a second from one thread while another polls and swaps,
in turns with stretches of equal length in which nothing happens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import client as bench
from benchmarks.measure import table
from benchmarks.render import VALUES
from serve.core.bundle import assemble
from serve.core.model import Bundle

PROMPTS = 5_000
SWAPS = 4


def main() -> str:
    """The table."""
    rows = []
    for kind in ("one", "all"):
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.swap", kind], check=True, capture_output=True, text=True
        ).stdout
        rows.append(tuple(json.loads(told)))
    return table(
        f"A swap of {PROMPTS:,} prompts beside renders",
        "python -m benchmarks swap",
        (
            "prompts that changed", "CPU", "from start to end", "RSS idle", "peak over idle",
            "render p50 / p99 idle", "p50 / p99 during the swap", "p99 ratio",
        ),
        rows,
    )  # fmt: skip


def bundle(number: int, prompts: int, kind: str) -> Bundle:
    """A release that differs from the one before in one prompt or in all."""
    made = bench.bundle(number, prompts, f"release {number}")
    if kind == "one":
        return made
    changed = {name: replace(each, description=f"release {number}") for name, each in made.prompts.items()}
    return assemble(
        release=number, commit="c", created="2026-01-01T00:00:00Z", prompts=changed, models=made.models
    )


def measure(kind: str) -> tuple[str, ...]:
    """One row."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        _apart(lambda: _publish(root, 0, kind))
        with bench.connected(root) as client:
            client.step()
            renders = _Renders(client.render)
            costs, peak, idle = [], 0.0, 0.0
            for turn in range(1, SWAPS + 1):
                _apart(lambda turn=turn: _publish(root, turn, kind))  # type: ignore[misc]
                idle = idle or _rss("VmRSS")
                Path("/proc/self/clear_refs").write_text("5")
                renders.into("swap")
                began = time.perf_counter(), time.thread_time()
                assert client.step()
                costs.append((time.perf_counter() - began[0], time.thread_time() - began[1]))
                renders.into("idle")
                peak = max(peak, _rss("VmHWM") - idle)
                time.sleep(costs[-1][0])
            renders.stop()
    wall, cpu = (sorted(values)[len(values) // 2] for values in zip(*costs, strict=True))
    calm, busy = renders.quantiles("idle"), renders.quantiles("swap")
    return (
        kind, f"{cpu * 1000:.0f} ms", f"{wall:.2f} s", f"{idle:.0f} MB", f"{peak:.0f} MB",
        "{:.0f} / {:.0f} µs".format(*calm), "{:.0f} / {:.0f} µs".format(*busy), f"{busy[1] / calm[1]:.1f}",
    )  # fmt: skip


class _Renders:
    """A thread that renders at a steady pace and files each latency under what went on meanwhile."""

    def __init__(self, render: object) -> None:
        assert callable(render)
        self._render = render
        self._seen: dict[str, list[float]] = {"idle": [], "swap": [], "warm": []}
        self._list, self._going = self._seen["warm"], True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def into(self, name: str) -> None:
        """From here on, latencies belong to ``name``."""
        self._list = self._seen[name]

    def stop(self) -> None:
        """End the thread."""
        self._going = False
        self._thread.join()

    def quantiles(self, name: str) -> tuple[float, float]:
        """p50 and p99 in microseconds."""
        seen = sorted(self._seen[name])
        return seen[len(seen) // 2] * 1e6, seen[int(len(seen) * 0.99)] * 1e6

    def _run(self) -> None:
        while self._going:
            began = time.perf_counter()
            self._render("bench/p1", VALUES)
            self._list.append(time.perf_counter() - began)
            time.sleep(0.001)


def _publish(root: Path, turn: int, kind: str) -> None:
    target = bench.open_target("file:store", root)
    if turn == 0:
        bench.initialise(target, bench.CHANNEL, root)
    bench.publish_bundle(target, root, lambda number: bundle(number, PROMPTS, kind))


def _apart(work: object) -> None:
    """Do something in a child, so that its memory is not ours."""
    assert callable(work)
    if (pid := os.fork()) == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("publishing failed")


def _rss(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1]), ensure_ascii=False))
