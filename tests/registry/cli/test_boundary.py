from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from registry.cli.boundary import failure_of, guarded
from registry.errors import EngineError, MissingExtra, NotClean, Refused, Unavailable, Usage

REASON = ("ABC001", "the thing", "Do this.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotClean(*REASON), 1),
        (Usage(*REASON), 2),
        (Refused(*REASON), 3),
        (Unavailable(*REASON), 4),
        (EngineError(*REASON), 4),
        (MissingExtra("promptyard test", "eval"), 4),
        (click.UsageError("no such option"), 2),
        (click.FileError("x", "gone"), 2),
        (OSError(errno.ENOSPC, "No space left on device", "/full"), 4),
        (PermissionError(errno.EACCES, "Permission denied", "/locked"), 4),
        (ModuleNotFoundError("No module named 'ctranslate2'", name="ctranslate2"), 4),
    ],
)
def test_each_kind_of_failure_has_its_exit_code_and_one_line(error: Exception, code: int, capsys) -> None:
    def fail() -> None:
        raise error

    assert guarded(fail, ["lint"]) == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")


def test_an_error_is_code_thing_and_next_step(capsys) -> None:
    def fail() -> None:
        raise Usage(*REASON)

    guarded(fail, ["lint"])
    assert capsys.readouterr().err == "error: ABC001 the thing. Do this.\n"


def test_with_json_an_error_is_json_on_stderr(capsys) -> None:
    def fail() -> None:
        raise Usage(*REASON)

    guarded(fail, ["lint", "--json"])
    told = {"code": "ABC001", "what": "the thing", "nextStep": "Do this.", "exitCode": 2}
    assert json.loads(capsys.readouterr().err) == {"error": told}


@pytest.mark.parametrize("error", [KeyboardInterrupt, click.Abort])
def test_an_interrupt_is_130(error, capsys) -> None:
    def fail() -> None:
        raise error

    assert guarded(fail, []) == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_what_a_command_returns_is_the_exit_code(result: int | None, code: int) -> None:
    assert guarded(lambda: result, []) == code


def test_a_missing_module_names_the_extra_to_install() -> None:
    failure = failure_of(ModuleNotFoundError("No module named 'git'", name="git.repo"), ["diff", "main"])
    assert failure.code == "ENV001"
    assert "promptyard diff" in failure.what
    assert failure.next_step == "Install it: pip install 'promptyard[registry]'"


def test_a_bug_leaves_a_log_and_no_traceback(plain: Path, capsys) -> None:
    def fail() -> None:
        raise ZeroDivisionError("secret words")

    assert guarded(fail, ["render", "--input", "ticket=secret words"]) == 70
    line = capsys.readouterr().err
    assert line.startswith("error: BUG001 ZeroDivisionError in promptyard itself.")
    (log,) = (plain / ".promptyard").glob("crash-*.log")
    assert str(log) in line
    text = log.read_text()
    assert "test_boundary.py" in text
    assert "ticket=secret" not in text


def test_where_nothing_can_be_written_the_log_goes_to_the_temporary_folder(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (plain / ".promptyard").write_text("a file, where a folder should be")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail() -> None:
        raise ZeroDivisionError

    assert guarded(fail, []) == 70
    assert str(tmp_path / "promptyard-") in capsys.readouterr().err


def test_a_reader_that_goes_away_is_quiet() -> None:
    code = "import click, sys; from registry.cli.boundary import guarded\n"
    code += "sys.exit(guarded(lambda: [click.echo('x' * 80) for _ in range(100000)], []))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=20) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "registry.cli", *words]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def _without(module: str, folder: Path) -> str:
    """A PYTHONPATH on which a module is not installed."""
    (folder / f"{module}.py").write_text(
        f"raise ModuleNotFoundError('No module named {module}', name='{module}')\n"
    )
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])


def test_without_click_one_line_says_which_extra_is_missing(tmp_path: Path) -> None:
    done = _run("--help", PYTHONPATH=_without("click", tmp_path))
    assert done.returncode == 4
    assert (
        done.stderr
        == "error: ENV001 promptyard needs the registry extra: pip install 'promptyard[registry]'\n"
    )


@pytest.mark.parametrize(
    ("module", "words", "extra"),
    [("yaml", ["list"], "registry"), ("rich", ["list"], "registry"), ("watchdog", ["watch"], "registry")],
)
def test_a_command_without_its_extra_says_which_to_install(
    plain: Path, tmp_path: Path, module: str, words: list[str], extra: str
) -> None:
    done = _run(*words, PYTHONPATH=_without(module, tmp_path))
    assert done.returncode == 4
    assert done.stderr.startswith(
        f"error: ENV001 promptyard {words[0]} (module {module}) needs the {extra} extra."
    )
    assert "Traceback" not in done.stderr


def test_without_the_program_git_one_line_says_so(plain: Path, tmp_path: Path) -> None:
    done = _run("diff", PATH=str(tmp_path))
    assert done.returncode == 4
    assert done.stderr.startswith("error: ENV004 the program git cannot be found.")


def test_a_missing_path_is_a_bug_unless_the_command_line_named_it() -> None:
    lost = FileNotFoundError(errno.ENOENT, "No such file or directory", "/nowhere")
    assert failure_of(lost, ["release", "--out", "/nowhere/at/all.tar.gz"]).code == "ENV002"
    assert failure_of(lost, ["release"]).code == "BUG001"
