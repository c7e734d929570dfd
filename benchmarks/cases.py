"""A thousand cases with three checks each, the answers known already: what the test runner itself costs.

Promptyard answers from its cache, promptfoo (npm) from its echo provider, plain pytest from a dictionary. promptfoo is
installed under ``build/bench`` when npm is there, 1.4 GB; BENCH_PROMPTFOO=0 leaves it out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Cost, process_cost, table
from registry.evaluation.engines.weights import digest_of

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "prompts" / "models" / "demo-triage"
CASES = 1000
HEADER = ("runner", "CPU s", "wall s", "peak RSS MB", "CPU against plain pytest")
MODEL = (
    "promptyard: 1\nengine: ctranslate2\nmodel: demo\nweights: {{path: demo, sha256: {sha256}}}\n"
    "contextTokens: 512\nparameters: {{temperature: 0, maxTokens: 16}}\n"
)
PROMPT = """\
promptyard: 1
description: Routes one ticket.
owner: bench
model: models/demo
inputs: {ticket: {type: string, maxLength: 400, trust: user}}
messages:
  - {role: system, content: "You route support tickets. Answer with one team."}
  - {role: user, content: "{{ ticket }}"}
"""
PYTEST = """\
import re
import pytest
CASES = {n: f"Ticket {n}: my card was charged twice." for n in range(1000)}
@pytest.mark.parametrize("n", CASES)
def test_case(n):
    answer = CASES[n]
    assert "traceback" not in answer.lower()
    assert len(answer.split()) <= 60
    assert not re.search(r"(?i)as an ai", answer)
"""


def main() -> str:
    """The table."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        costs = {"plain pytest": _plain_pytest(folder), **_promptyard(folder)}
        found = promptfoo_program()
        if found is not None:
            costs |= {"promptfoo, echo provider": _run_promptfoo(found, folder)}
    plain = costs["plain pytest"].cpu_s
    rows = [
        (name, f"{c.cpu_s:.2f}", f"{c.wall_s:.2f}", f"{c.rss_mb:.0f}", f"{c.cpu_s / plain:.1f}x")
        for name, c in costs.items()
    ]
    return table("1,000 cases, 3 checks each", "python -m benchmarks cases", HEADER, rows)


def _promptyard(folder: Path) -> dict[str, Cost]:
    root = folder / "yard"
    (root / "prompts" / "models").mkdir(parents=True)
    shutil.copytree(WEIGHTS, root / "prompts" / "models" / "demo")
    (root / "promptyard.yaml").write_text("promptyard: 1\n")
    (root / "prompts/models/demo.model.yaml").write_text(MODEL.format(sha256=digest_of(WEIGHTS)))
    (root / "prompts/triage.prompt.yaml").write_text(PROMPT)
    checks = 'expect: [{not-icontains: traceback}, {word-count: {max: 60}}, {not-regex: "(?i)as an ai"}]'
    cases = (
        f"  - {{id: case-{n}, inputs: {{ticket: 'Ticket {n}: my card was charged twice.'}}, {checks}}}\n"
        for n in range(CASES)
    )
    (root / "prompts/triage.suite.yaml").write_text(
        "promptyard: 1\nprompt: triage\ncases:\n" + "".join(cases)
    )
    command = [sys.executable, "-m", "registry.cli", "-C", str(root), "test"]
    path = {"PYTHONPATH": str(ROOT)}
    asking = process_cost([*command, "--no-cache", "--device", "cpu"], runs=3, env=path)
    subprocess.run(command, env={**os.environ, **path}, check=False, capture_output=True)
    cached = process_cost(command, runs=7, env=path)
    commented = f"promptyard test, every answer from the local model ({CASES / asking.wall_s:.0f} cases/s)"
    return {"promptyard test, answers cached": cached, commented: asking}


def _plain_pytest(folder: Path) -> Cost:
    place = folder / "test_cases.py"
    place.write_text(PYTEST)
    off = ["-p", "no:cacheprovider", "-p", "no:promptyard", "-c", os.devnull, f"--rootdir={folder}"]
    return process_cost([sys.executable, "-m", "pytest", "-q", *off, str(place)], runs=5)


def promptfoo_program() -> Path | None:
    """The program promptfoo, installed if need be and if that can be done here; None without it."""
    home = ROOT / "build" / "bench" / "promptfoo"
    program = home / "node_modules" / ".bin" / "promptfoo"
    npm = shutil.which("npm")
    if program.exists() or npm is None or os.environ.get("BENCH_PROMPTFOO") == "0":
        return program if program.exists() else None
    home.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "promptfoo"], cwd=home, check=False
    )
    return program if program.exists() else None


def _run_promptfoo(program: Path, folder: Path) -> Cost:
    checks = [
        {"type": "not-icontains", "value": "traceback"},
        {"type": "word-count", "value": {"max": 60}},
        {"type": "not-regex", "value": "[Aa]s an ai"},
    ]
    config = {
        "prompts": ["{{ticket}}"],
        "providers": ["echo"],
        "tests": [
            {"vars": {"ticket": f"Ticket {n}: my card was charged twice."}, "assert": checks}
            for n in range(CASES)
        ],
    }
    place = folder / "promptfoo.json"
    place.write_text(json.dumps(config))
    quiet: Mapping[str, str] = {
        "PROMPTFOO_CONFIG_DIR": str(folder / "promptfoo"),
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
    }
    options: Sequence[str] = ("--no-progress-bar", "--no-table", "--no-write")
    return process_cost([str(program), "eval", "-c", str(place), *options], runs=3, env=quiet)
