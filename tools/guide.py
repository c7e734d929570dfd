"""Plays ``docs/authoring.md`` as a reader would, in a copy of our own registry: ``python -m tools.guide``.

Commands in ``console`` blocks are run one after the other, and ``yaml`` blocks whose first line names a file are
written to it. In what a command prints, ``…`` stands for some words, alone on a line for some lines; digests, days and
times are shown and not compared. Answers that still hold stay as they are; the others become what is printed now.
It must never touch the registry itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/authoring.md"
_COPIED = ("prompts", "schemas", "promptyard.yaml", ".gitignore")
_BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (prompts/\S+)\n")
_ANYTHING = "…"
_VARYING = re.compile(r"…|\b[0-9a-f]{9,64}\b|\b\d{4}-\d\d-\d\d\b|\b\d+ ms\b")


def played(page: str, folder: Path) -> str:
    """The page with what its commands print today, in an empty folder of theirs."""
    _copy(folder)
    return _BLOCK.sub(lambda block: f"```{block[1]}\n{_play(block[1], block[2], folder)}```", page)


def _play(kind: str, text: str, folder: Path) -> str:
    if kind == "console":
        return "".join(_answered(command, said, folder) for command, said in _commands(text))
    named = _FILE.match(text)
    if named is not None:
        (folder / named[1]).write_text(text[named.end() :], encoding="utf-8")
    return text


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command with what it is said to print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, said = part.partition("\n")
        yield command, said


def _answered(command: str, said: str, folder: Path) -> str:
    now = _run(command, folder)
    return f"$ {command}\n{said if _holds(said, now) else now}"


def _holds(said: str, now: str) -> bool:
    rows = (
        r"(?:.*\n)*?" if row == _ANYTHING else ".*".join(map(re.escape, _VARYING.split(row))) + r"\n"
        for row in said.splitlines()
    )
    return re.fullmatch("".join(rows), now) is not None


def _copy(folder: Path) -> None:
    for name in _COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    _run("git init -q -b main && git add -A && git commit -q -m Begin", folder)


def _run(command: str, folder: Path) -> str:
    """Both streams of a command, as on a terminal of 110 columns without colour."""
    known = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _ADA.items()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    plain = {"PATH": path, "NO_COLOR": "1", "COLUMNS": "110", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **known, **plain},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "".join(f"{row.rstrip()}\n" for row in done.stdout.splitlines())


_ADA = {"NAME": "Ada", "EMAIL": "ada@example.invalid"}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        PAGE.write_text(played(PAGE.read_text(encoding="utf-8"), Path(scratch)), encoding="utf-8")
