"""What it costs to start: the command line's --help, and importing the client."""

from __future__ import annotations

import sys

from benchmarks.measure import process_cost, table

COMMANDS = {
    "bare Python": ["-c", "pass"],
    "`promptyard --help`": ["-m", "registry.cli", "--help"],
    "`import serve`": ["-c", "import serve"],
    "`import serve`, ready to connect": ["-c", "import serve; serve.connect"],
    "`import langfuse`": ["-c", "import langfuse"],
    "`import mlflow`": ["-c", "import mlflow"],
}


def main() -> str:
    """The table."""
    rows = []
    bare = 0.0
    for name, arguments in COMMANDS.items():
        package = arguments[1].removeprefix("import ") if "lang" in name or "mlflow" in name else ""
        if package and not _installed(package):
            continue
        cost = process_cost([sys.executable, *arguments])
        bare = bare or cost.cpu_s
        rows.append(
            (name, f"{cost.cpu_s * 1000:.0f}", f"{(cost.cpu_s - bare) * 1000:.0f}", f"{cost.rss_mb:.0f}")
        )
    return table(
        "Start-up",
        "python -m benchmarks startup",
        ("process", "CPU ms", "over bare Python", "RSS MB"),
        rows,
    )


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None
