from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.checkouts import Yard
from support.content import write

from registry.cli.main import main

SETTINGS = "promptyard: 1\nchannels: {staging: {}, production: {}}\n"
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _quiet_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git that knows who acts and nothing of this machine; output without colour."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.invalid")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry in a folder that Git does not know; the working folder of the test."""
    root = write(tmp_path / "yard", **{"promptyard.yaml": SETTINGS})
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def yard(plain: Path) -> Yard:
    """A registry with one commit on main; the working folder of the test."""
    made = Yard(plain)
    made.write(".gitignore", ".promptyard/\n")
    made.git("init", "-q", "-b", "main")
    made.commit("begin")
    return made


@pytest.fixture
def run() -> Run:
    """The command line in this process: its exit code and its two streams."""

    def invoke(*words: str, code: int | None = 0) -> Result:
        result = CliRunner().invoke(main, list(words))
        assert code is None or result.exit_code == code, result.output
        return result

    return invoke


@pytest.fixture
def bank(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """What ``init --minimal`` makes, in one commit; the working folder of the test."""
    monkeypatch.chdir(tmp_path)
    run("init", "bank", "--minimal")
    made = Yard(tmp_path / "bank")
    made.commit("begin")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def told(run: Run) -> Callable[..., Any]:
    """What a command says with ``--json``."""

    def invoke(*words: str, code: int = 0) -> Any:
        return json.loads(run(*words, "--json", code=code).stdout)

    return invoke


@pytest.fixture
def error_of(run: Run) -> Callable[..., str]:
    """The one line that a refused command says, after its exit code was checked."""

    def invoke(code: int, words: Sequence[str]) -> str:
        result = run(*words, code=code)
        lines = [line for line in result.stderr.splitlines() if line.startswith("error:")]
        assert len(lines) == 1, result.output
        assert "Traceback" not in result.output
        return lines[0]

    return invoke


@pytest.fixture
def promoted(run: Run, yard: Yard, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """Release 1 on production, release 2 on staging; ada did it."""
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    run("init", "--minimal")
    for tone in ("calm", "kind"):
        yard.write("prompts/partials/tone.md", f"Be {tone}.\n")
        yard.commit(tone)
        run("publish", "--yes")
        if tone == "calm":
            run("promote", "staging", "production", "--yes")
    return yard
