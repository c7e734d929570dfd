"""Cases with three checks each, the answers known already: what the test runner itself costs.

Promptyard answers from its cache, promptfoo (npm) from its echo provider, plain pytest from a dictionary. promptfoo is
installed under ``build/bench`` when npm is there, 1.4 GB; BENCH_PROMPTFOO=0 leaves it out. BENCH_MANY is how many cases
the second table begins with, instead of 10,000.
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
MANY = int(os.environ.get("BENCH_MANY", "10000"))
CHECKS = '[{not-icontains: traceback}, {word-count: {max: 60}}, {not-regex: "(?i)as an ai"}]'
PATHS = {"PYTHONPATH": str(ROOT)}
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
    """The tables."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        found = promptfoo_program()
        costs = {"plain pytest": _plain_pytest(folder), **_promptyard(folder)}
        many = _many(folder)
        if found is not None:
            costs |= {"promptfoo, echo provider": _run_promptfoo(found, folder, CASES, runs=3)}
            many |= {"promptfoo, echo provider": _run_promptfoo(found, folder, MANY, runs=1)}
    plain = costs["plain pytest"].cpu_s
    rows = [(*_row(name, cost), f"{cost.cpu_s / plain:.1f}x") for name, cost in costs.items()]
    first = table("1,000 cases, 3 checks each", "python -m benchmarks cases", HEADER, rows)
    second = [_row(name, cost) for name, cost in many.items()]
    return f"{first}\n{table('More cases, and one', 'python -m benchmarks cases', HEADER[:-1], second)}"


def _row(name: str, cost: Cost) -> tuple[str, ...]:
    return name, f"{cost.cpu_s:.2f}", f"{cost.wall_s:.2f}", f"{cost.rss_mb:.0f}"


def _promptyard(folder: Path) -> dict[str, Cost]:
    """A thousand cases written out in the suite."""
    root = _yard(folder / "yard")
    checks = f"expect: {CHECKS}"
    cases = (
        f"  - {{id: case-{n}, inputs: {{ticket: 'Ticket {n}: my card was charged twice.'}}, {checks}}}\n"
        for n in range(CASES)
    )
    (root / "prompts/triage.suite.yaml").write_text(
        "promptyard: 1\nprompt: triage\ncases:\n" + "".join(cases)
    )
    asking = process_cost([*_test(root), "--no-cache", "--device", "cpu"], runs=3, env=PATHS)
    _fill(root)
    cached = process_cost(_test(root), runs=7, env=PATHS)
    commented = f"promptyard test, every answer from the local model ({CASES / asking.wall_s:.0f} cases/s)"
    return {"promptyard test, answers cached": cached, commented: asking}


def _many(folder: Path) -> dict[str, Cost]:
    """Rows of a dataset: from the cache, rendered alone, and a single one asked cold."""
    root = _yard(folder / "many")
    _dataset(root, MANY, "generate")
    _fill(root)
    costs = {f"promptyard test, {MANY:,} answers cached": process_cost(_test(root), runs=3, env=PATHS)}
    for rows in (MANY, 10 * MANY):
        _dataset(root, rows, "render")
        for views, words in (([], ""), (_views(folder), ", with --json, JUnit and HTML of failing cases")):
            name = f"promptyard test, {rows:,} cases rendered, no model{words}"
            costs[name] = process_cost([*_test(root), *views], runs=1, env=PATHS)
            _dataset(root, rows, "render", checks=CHECKS.replace("traceback", "charged"))
    _dataset(root, 1, "generate")
    one = [*_test(root), "--no-cache", "--device", "cpu"]
    return costs | {"promptyard test, one case asked cold": process_cost(one, runs=7, env=PATHS)}


def _yard(root: Path) -> Path:
    (root / "prompts" / "models").mkdir(parents=True)
    shutil.copytree(WEIGHTS, root / "prompts" / "models" / "demo")
    (root / "promptyard.yaml").write_text("promptyard: 1\n")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)  # as every registry is
    (root / "prompts/models/demo.model.yaml").write_text(MODEL.format(sha256=digest_of(WEIGHTS)))
    (root / "prompts/triage.prompt.yaml").write_text(PROMPT)
    return root


def _views(folder: Path) -> list[str]:
    """Every form that names all cases, at once."""
    return ["--json", "--junit", str(folder / "report.xml"), "--html", str(folder / "report.html")]


def _dataset(root: Path, rows: int, mode: str, checks: str = CHECKS) -> None:
    (root / "prompts/triage.suite.yaml").write_text(
        f"promptyard: 1\nprompt: triage\nmode: {mode}\n"
        f"datasets: [{{file: rows.jsonl, inputs: {{ticket: t}}, expect: {checks}}}]\n"
    )
    with (root / "prompts/rows.jsonl").open("w") as file:
        file.writelines(f'{{"t": "Ticket {n}: my card was charged twice."}}\n' for n in range(rows))


def _test(root: Path) -> list[str]:
    return [sys.executable, "-m", "registry.cli", "-C", str(root), "test"]


def _fill(root: Path) -> None:
    """Have every answer in the cache."""
    subprocess.run(_test(root), env={**os.environ, **PATHS}, check=False, capture_output=True)


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


def _run_promptfoo(program: Path, folder: Path, cases: int, *, runs: int) -> Cost:
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
            for n in range(cases)
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
    return process_cost([str(program), "eval", "-c", str(place), *options], runs=runs, env=quiet)
