"""``--help`` answers at once: what it may load, and that every command has one."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

import registry.cli.commands
from registry.cli.main import COMMANDS, main

HEAVY = {
    "boto3", "ctranslate2", "git", "jinja2", "jsonschema", "jsonschema_rs", "rich", "tuf", "watchdog", "yaml",
}  # fmt: skip
NETWORK = {"cryptography", "email", "http.client", "requests", "socket", "ssl", "urllib3"}
PROBE = """
import sys
sys.argv = ["promptyard", "--help"]
from registry.cli.main import run
try:
    run()
finally:
    print(*sys.modules, file=sys.stderr)
"""
ROWS = [row for rows in COMMANDS.values() for row in rows]


def test_help_loads_at_most_110_modules_and_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "Ship:" in done.stdout
    assert not loaded & HEAVY
    assert len(loaded) <= 110, sorted(loaded)


def test_a_service_loads_nothing_heavy_before_it_knows_where_its_store_is() -> None:
    probe = "import sys, serve; serve.connect, serve.Client; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "serve.client" in loaded
    assert not loaded & (HEAVY | NETWORK)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_command_s_help_runs_and_teaches(row) -> None:
    result = CliRunner().invoke(main, [row.name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"promptyard {row.name}" in result.stdout
    assert "Traceback" not in result.output


def test_every_command_file_is_in_the_table_and_the_reverse() -> None:
    files = {module.name for module in pkgutil.iter_modules(registry.cli.commands.__path__)}
    assert files == {row.module.rsplit(".", 1)[-1] for row in ROWS}
    assert len(files) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_command_file_exports_a_command_of_its_name(row) -> None:
    assert importlib.import_module(row.module).command.name == row.name
