"""Who may import whom: the contracts of pyproject.toml hold, deferred imports counted."""

from __future__ import annotations

from importlinter import cli


def test_no_wall_is_broken(capsys):
    kept = cli.lint_imports()
    assert kept == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out
