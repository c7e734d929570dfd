"""Where content comes from: a folder, or any revision of a Git repository.

Everything above reads through this port, so that a laptop's working copy and a commit are alike.
It must never follow a link out of the repository.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Protocol

from registry.errors import Usage

_SKIPPED = frozenset((".git", ".venv", ".promptyard", "node_modules", "__pycache__"))


class Tree(Protocol):
    """A read-only tree of files; paths are POSIX and relative to the repository's root."""

    @property
    def commit(self) -> str | None:
        """The full id of the commit, None for a working copy."""
        ...

    @property
    def committed_at(self) -> str:
        """The commit's time in UTC, ISO 8601; empty for a working copy."""
        ...

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All files below a folder, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError, also for a link."""
        ...


class FolderTree:
    """The working copy: files as they lie on disk now."""

    commit: str | None = None
    committed_at: str = ""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All regular files below a folder, sorted; links and tool folders are passed over."""
        found: list[str] = []
        start = self._root / prefix
        if start.resolve() != start or not start.is_relative_to(self._root):
            return ()
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(name for name in folders if name not in _SKIPPED)
            here = Path(folder)
            found += [
                (here / name).relative_to(self._root).as_posix()
                for name in files
                if not (here / name).is_symlink()
            ]
        return tuple(sorted(found))

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError for what is missing, a link or outside."""
        place = self._root / path
        is_plain = PurePosixPath(path).as_posix() == path and place.is_relative_to(self._root)
        if not is_plain or place.resolve() != place or not place.is_file():
            raise FileNotFoundError(path)
        try:
            return place.read_bytes()
        except PermissionError as error:
            raise Usage("FIL004", f"{path} cannot be read", "Check the file's permissions.") from error
