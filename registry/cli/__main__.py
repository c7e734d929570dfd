"""``python -m registry.cli``, for an environment whose scripts are not on the path."""

from __future__ import annotations

from registry.cli.main import run

run()
