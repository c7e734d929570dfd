"""``promptyard test`` in this process over a small registry: its exit code and what it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import git
import pytest
from support.models import WEIGHTS
from support.yard_of_cases import PROMPT, write

from registry.cli.main import main

DEMO = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\nparameters: {maxTokens: 4}\n"
WORD = PROMPT[: PROMPT.index("messages:")].replace(", trust: user", "")
WORD += 'messages:\n  - {role: user, content: "Word: {{ word }}"}\n'


class Outcome(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said with ``--json``."""
        return json.loads(self.out)


class Commanded:
    """A registry on disk and the commands over it; a command that breaks fails the test."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], *always: str) -> None:
        self.root = root
        self._capsys = capsys
        self._always = always

    def call(self, *words: str) -> Outcome:
        with pytest.raises(SystemExit) as left:
            main.main(["-C", str(self.root), *words])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err, err
        return Outcome(int(left.value.code or 0), out, err)

    def test(self, *words: str) -> Outcome:
        return self.call("test", *self._always, *words)

    def put(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text
        self.put(name, text.replace(old, new))

    def commit(self) -> None:
        commit(self.root)


def with_demo(root: Path, files: dict[str, str]) -> Path:
    """The registry of words whose model is the demo model."""
    made = write(root, {"prompts/models/tiny.model.yaml": DEMO, "prompts/models/tiny/model.bin": "", **files})
    shutil.copytree(WEIGHTS, made / "prompts/models/tiny", dirs_exist_ok=True)
    return made


def commit(root: Path, *ignored: str) -> None:
    """A repository at a root, all of it in one commit on main."""
    (root / ".gitignore").write_text("".join(f"{line}\n" for line in (".promptyard/", *ignored)))
    with git.Repo.init(root, initial_branch="main") as repo:
        with repo.config_writer() as writer:
            writer.set_value("user", "name", "A").set_value("user", "email", "a@example.org")
            writer.set_value("core", "compression", 0)
        repo.git.add("--all")
        repo.index.commit("all")
