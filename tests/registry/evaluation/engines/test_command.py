"""Models of each kind, and workers that die, through the whole command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.models import WEIGHTS
from support.tiny import expected, tiny

from registry.evaluation.engines.weights import digest_of

CASES = 400
COMMAND = [sys.executable, "-m", "registry.cli", "-C"]


def registry(root: Path, kind: str, weights: Path, cases: list[dict[str, object]], tokens: int) -> Path:
    shutil.copytree(weights, root / "prompts" / "weights", ignore=shutil.ignore_patterns("README.md"))
    model = {
        "promptyard": 1, "engine": "ctranslate2", "kind": kind, "model": "it", "contextTokens": 64,
        "weights": {"path": "weights", "sha256": digest_of(root / "prompts" / "weights")},
        "parameters": {"maxTokens": tokens},
    }  # fmt: skip
    prompt = {
        "promptyard": 1, "description": "Says.", "owner": "it", "model": "it",
        "inputs": {"text": {"type": "string", "maxLength": 80, "trust": "user"}},
        "messages": [{"role": "user", "content": "{{ text }}"}],
    }  # fmt: skip
    suite = {"promptyard": 1, "prompt": "say", "cases": cases}
    (root / "promptyard.yaml").write_text("promptyard: 1\n")
    for name, value in {"it.model": model, "say.prompt": prompt, "say.suite": suite}.items():
        (root / "prompts" / f"{name}.yaml").write_text(json.dumps(value))
    return root


def samples(root: Path) -> list[dict[str, dict[str, object]]]:
    (record,) = (root / ".promptyard/runs").glob("*.jsonl")
    return [json.loads(line) for line in record.read_text().splitlines() if '"completion"' in line]


def worker_of(pid: int) -> int | None:
    """The process below one that holds weights."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(pid) and b"worker.py" in (entry / "cmdline").read_bytes():
                return int(entry.name)
        except OSError:
            continue
    return None


def test_a_translators_suite_passes_with_what_transformers_said(tmp_path: Path) -> None:
    cases: list[dict[str, object]] = [
        {"id": f"c{n}", "inputs": {"text": row["text"]}, "expect": [{"equals": row["answer"]}]}
        for n, row in enumerate(expected("t5")["texts"])
    ]
    root = registry(tmp_path / "yard", "translator", tiny("t5", tmp_path), cases, 8)
    done = subprocess.run(
        [*COMMAND, str(root), "test", "--device", "cpu"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(samples(root)) == 3


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_a_worker_that_is_killed_in_the_middle_costs_no_answer(tmp_path: Path) -> None:
    cases: list[dict[str, object]] = [
        {"id": f"c{n}", "inputs": {"text": f"I lost card {n}."}, "expect": [{"word-count": {"min": 0}}]}
        for n in range(CASES)
    ]
    root = registry(tmp_path / "yard", "generator", WEIGHTS, cases, 32)
    running = subprocess.Popen(
        [*COMMAND, str(root), "test", "--device", "cpu", "--no-cache"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        first = _first_answer(root, running)
        os.kill(first, signal.SIGKILL)
        told, _ = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 0, told
    found = samples(root)
    assert len({str(sample["case"]) for sample in found}) == len(found) == CASES
    assert not any(sample["completion"].get("error") for sample in found)


def _first_answer(root: Path, running: subprocess.Popen[str]) -> int:
    """The worker's process once the first answers are there and most are still to come."""
    deadline = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < deadline:
        records = list((root / ".promptyard/runs").glob("*.jsonl"))
        pid = worker_of(running.pid) if records and records[0].stat().st_size else None
        if pid is not None:
            assert records[0].read_bytes().count(b"\n") < CASES
            return pid
        time.sleep(0.005)
    raise AssertionError(f"no answer came: {running.communicate()[0]}")
