"""``python -m benchmarks [NAME…]`` prints the tables that ``docs/benchmarks.md`` keeps."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "render",
    "client",
    "swap",
    "propagation",
    "startup",
    "cases",
    "engine",
    "gpu",
    "authoring",
    "registry",
    "watch",
    "guardrails",
)


def main() -> None:
    """Runs the named benchmarks, all of them by default."""
    for name in sys.argv[1:] or NAMES:
        print(importlib.import_module(f"benchmarks.{name}").main())


main()
