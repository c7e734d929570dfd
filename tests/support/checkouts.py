"""A registry in a Git repository of its own, for tests that need history."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.content import write

from registry.publish.channels import initialise, open_target
from registry.settings import Settings


@dataclass(frozen=True)
class Yard:
    """A registry in a Git repository of its own."""

    root: Path

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        write(self.root, {path: text})

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def commit(self, message: str = "a change") -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def with_stores(self) -> Yard:
        """The same, with an empty store for each channel whose trust is committed."""
        for name in Settings().channels:
            initialise(open_target("file:.promptyard/store", self.root), Settings().channel(name), self.root)
        self.commit("trust")
        return self
