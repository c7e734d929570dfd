"""The demo is a promise of the README; it is played here as a reader would play it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STEPS = ("NON-INFERIOR", "REGRESSION", "same pids, new words", "both back on release 1", "and recover")


def test_the_demo_plays_to_its_end():
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    table = done.stdout.rpartition("What was shown")[2]
    assert [step for step in STEPS if step not in table] == []
