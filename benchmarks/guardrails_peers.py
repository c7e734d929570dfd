"""All guardrail rules that ship beside the same patterns in the stacks people use: one run, one set of texts.

``BENCH_LLM_GUARD``, ``BENCH_GUARDRAILS_AI`` and ``BENCH_PRESIDIO`` name interpreters of environments that have
llm-guard, guardrails-ai with guardrails-ai-regex-match, and presidio-analyzer.
It must never say a ratio to a peer that was not measured in the same run.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.guardrails import shipped, varied
from benchmarks.measure import table
from serve.core.codec import to_json
from serve.core.guard.engine import compile_guard

ROOT = Path(__file__).parents[1]
PEERS = {
    "LLM Guard, `Regex`": ("llm-guard", "BENCH_LLM_GUARD"),
    "guardrails-ai, `regex_match`": ("guardrails-ai", "BENCH_GUARDRAILS_AI"),
    "Presidio, pattern recognizers, no-op NLP": ("presidio", "BENCH_PRESIDIO"),
}
TEXTS, ROUNDS = 20, 2
COMMAND = "python -m benchmarks guardrails_peers"
_OURS = """
import json, os, sys, time
from pathlib import Path
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
before, begun = resident(), time.process_time()
from serve.core.guard.engine import compile_guard
imported = (time.process_time() - begun) * 1000
from serve.core.codec import from_json
from serve.core.model import GuardrailSet
order = json.loads(Path(sys.argv[1]).read_text("utf-8"))
texts = order["texts"]
guard = compile_guard([from_json(GuardrailSet, one) for one in order["sets"]])
guard.check("warm up: what is made at first use is made", "output")
spent = []
for text in texts:
    begun = time.process_time_ns()
    guard.check(text, "output")
    spent.append((time.process_time_ns() - begun) / 1000)
report = {"us": spent, "import_ms": imported, "mb": resident() - before, "patterns": 0}
Path(sys.argv[2]).write_text(json.dumps(report), "utf-8")
"""


def main() -> str:
    """The table."""
    with tempfile.TemporaryDirectory() as scratch:
        order = Path(scratch, "order.json")
        rules, patterns = _patterns()
        sets = [to_json(one) for one in shipped()]
        order.write_text(json.dumps({"patterns": patterns, "texts": _texts(), "sets": sets}), "utf-8")
        ours = [sys.executable, "-c", _OURS]
        commands = {f"promptyard, {rules} rules with their checks": ours} | {
            title: [os.environ[variable], str(ROOT / "benchmarks/peers/guards.py"), name]
            for title, (name, variable) in PEERS.items()
            if os.environ.get(variable)
        }
        runs: dict[str, list[dict[str, Any]]] = {title: [] for title in commands}
        for _ in range(ROUNDS):  # in turn, so that a busy moment of the machine meets all of them
            for title, command in commands.items():
                runs[title].append(_run(command, order, Path(scratch, "report.json")))
    return _table(runs, len(patterns)) + "".join(
        f"\nNot compared: {title} ({variable} names no interpreter).\n"
        for title, (_, variable) in PEERS.items()
        if not os.environ.get(variable)
    )


def _texts() -> list[str]:
    texts = varied()
    return texts[:: max(1, len(texts) // TEXTS)][:TEXTS]


def _patterns() -> tuple[int, list[str]]:
    rules = [rule for rule in compile_guard(shipped()).rules if "output" in rule.rule.stages]
    return len(rules), [pattern for rule in rules for pattern in rule.patterns]


def _run(command: list[str], order: Path, report: Path) -> dict[str, Any]:
    subprocess.run(
        [*command, str(order), str(report)],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    told: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return told


def _table(runs: dict[str, list[dict[str, Any]]], patterns: int) -> str:
    rows = []
    own = 0.0
    for title, told in runs.items():
        each = statistics.median(statistics.median(run["us"]) for run in told)
        own = own or each
        used = told[0]["patterns"]
        rows.append(
            (
                title,
                str(used or patterns),
                f"{each:,.0f}",
                f"{each / own:,.0f}×" if used else "",
                *(f"{statistics.median(run[key] for run in told):,.0f}" for key in ("import_ms", "mb")),
            )
        )
    title = (
        f"Guardrails beside other stacks: the same patterns on the same {TEXTS} texts of 2 kB, each seen once"
    )
    return table(
        title,
        COMMAND,
        ("candidate", "patterns", "median µs CPU", "beside ours", "import ms CPU", "MB more"),
        rows,
    )
