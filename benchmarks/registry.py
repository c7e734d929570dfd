"""A registry of 10,000 prompts, 1,000 partials and 50,000 cases: lint cold and after an edit, a diff, the help.

Half and a quarter of it are measured too, so that the growth shows.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.generate import generate
from benchmarks.measure import Cost, process_cost, table

ROOT = Path(__file__).parents[1]
HEADER = ("prompts", "command", "CPU s", "wall s", "peak RSS MB")


def main() -> str:
    """The table."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        # as after an installation, where Python has compiled what it imports
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{scratch}/compiled"}
        python = {"PYTHONPATH": str(ROOT), **compiled}
        for prompts in (2_500, 5_000, 10_000):
            root = Path(scratch) / str(prompts)
            generate(root, prompts=prompts, partials=prompts // 10)
            _commit(root)
            rows += [(f"{prompts:,}", name, *_cells(cost)) for name, cost in _costs(root, python).items()]
            shutil.rmtree(root)
        rows.append(("–", "promptyard --help", *_cells(process_cost(_command(Path(), "--help"), env=python))))
    return table("A large registry: lint and diff", "python -m benchmarks registry", HEADER, rows)


def _costs(root: Path, python: Mapping[str, str]) -> dict[str, Cost]:
    kept = root / ".promptyard"
    edited = root / "prompts" / "team-003" / "prompt-00333.prompt.yaml"

    def cold() -> None:
        shutil.rmtree(kept, ignore_errors=True)

    def edit() -> None:
        text = edited.read_text().replace("Answer with JSON only.", "Answer with JSON only, please.")
        edited.write_text(f"{text}# {time.time_ns()}\n")

    lint = _command(root, "lint")
    costs = {"lint, nothing known": process_cost(lint, runs=2, env=python, before=cold)}
    time.sleep(3)  # files changed a moment before a run are read again by the next
    process_cost(lint, runs=1, env=python)
    costs["lint, after one edit"] = process_cost(lint, runs=5, env=python, before=edit)
    costs["lint, nothing changed"] = process_cost(lint, runs=5, env=python)
    costs["diff of the one edited file"] = process_cost(_command(root, "diff"), runs=5, env=python)
    return costs


def _command(root: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "registry.cli", "-C", str(root), *words]


def _cells(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.cpu_s:.2f}", f"{cost.wall_s:.2f}", f"{cost.rss_mb:.0f}"


def _commit(root: Path) -> None:
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "all")):
        git = ["git", "-C", str(root), "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        subprocess.run([*git, *words], check=True, capture_output=True)
