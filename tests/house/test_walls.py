"""Who may import whom: the contracts of pyproject.toml hold, deferred imports counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT = "import sys; from importlinter import cli; sys.exit(cli.lint_imports())"


def test_no_wall_is_broken():
    # in a process of its own: it disables every logger of the process it runs in
    done = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
