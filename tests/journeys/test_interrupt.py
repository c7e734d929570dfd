"""A run that is cut off keeps what was answered, leaves no process behind, and the next run asks only the rest."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROMPTS = Path(__file__).parents[2] / "prompts"
CASES = 1200
COMMAND = [sys.executable, "-c", "from registry.cli.main import run; run()"]


def registry(root: Path) -> Path:
    for name in ("models/demo-triage", "partials"):
        shutil.copytree(PROMPTS / name, root / "prompts" / name)
    for name in ("models/demo-triage.model.yaml", "support/urgency.prompt.yaml"):
        (root / "prompts" / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROMPTS / name, root / "prompts" / name)
    (root / "promptyard.yaml").write_text("promptyard: 1\n")
    suite = {
        "promptyard": 1,
        "prompt": "support/urgency",
        "datasets": [
            {"file": "many.jsonl", "inputs": {"ticket": "t"}, "expect": [{"word-count": {"min": 1}}]}
        ],
    }
    (root / "prompts/support/many.suite.yaml").write_text(json.dumps(suite))
    rows = (json.dumps({"t": f"I lost card number {n} on line {n % 17}."}) for n in range(CASES))
    (root / "prompts/support/many.jsonl").write_text("\n".join(rows))
    return root


def kept(root: Path) -> int:
    return sum(1 for _ in (root / ".promptyard/cache/responses").glob("*/*.json"))


def workers(of: int) -> list[str]:
    """The processes below one that hold weights."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(of) and b"worker.py" in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_run_that_is_cut_off_goes_on_where_it_was(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    root = registry(tmp_path)
    command = [*COMMAND, "-C", str(root), "test", "--device", "cpu"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while kept(root) < 20 and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        held = workers(running.pid)
        running.send_signal(sent)
        running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == code
    before = kept(root)
    assert 20 <= before < CASES
    assert held
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in held) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in held)
    done = subprocess.run([*command[:3], "--json", *command[3:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert kept(root) == CASES
    lines = [
        line for path in (root / ".promptyard/runs").glob("*.jsonl") for line in path.read_text().splitlines()
    ]
    samples = [line for line in lines if '"completion"' in line]
    assert sum('"cached":true' in line for line in samples) >= before
