"""Where content comes from: a folder, or any revision of a Git repository.

Everything above reads through this port, so that a laptop's working copy and a commit are alike.
It must never follow a link out of the repository.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from registry.errors import Usage

_SKIPPED = frozenset((".git", ".venv", ".promptyard", "node_modules", "__pycache__"))
Why = Literal["link", "repository"]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What lies in a tree and is not handed out: a symbolic link, or a repository of its own (a submodule)."""

    path: str
    why: Why


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

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """A short text for each of these files that changes when the file does; nothing is read for it."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError, also for a link."""
        ...


@runtime_checkable
class WholeTree(Tree, Protocol):
    """A tree that can also say what it does not hand out, which a part of another tree cannot."""

    def passed_over(self, prefix: str = "") -> tuple[PassedOver, ...]:
        """Links and repositories below a folder, sorted by path."""
        ...


class FolderTree:
    """The working copy: files as they lie on disk now."""

    commit: str | None = None
    committed_at: str = ""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._plain: set[str] = set()

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All regular files below a folder, sorted; links and tool folders are passed over."""
        return tuple(sorted(path for path, _ in self._files(prefix)))

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """Size, times of change and inode of each file, as Git's index has them."""
        found = {}
        for path, entry in self._files(prefix):
            told = entry.stat(follow_symlinks=False)
            found[path] = f"{told.st_size}-{told.st_mtime_ns}-{told.st_ctime_ns}-{told.st_ino}"
        return found

    def passed_over(self, prefix: str = "") -> tuple[PassedOver, ...]:
        """Links and repositories below a folder, sorted by path; tool folders are not told."""
        found = (PassedOver(path, why) for path, _, why in self._walk(prefix) if why is not None)
        return tuple(sorted(found, key=lambda each: each.path))

    def _files(self, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        return ((path, entry) for path, entry, why in self._walk(prefix) if why is None)

    def _walk(self, prefix: str) -> Iterator[tuple[str, os.DirEntry[str], Why | None]]:
        start = self._root / prefix
        if start.resolve() != start or not start.is_relative_to(self._root):
            return
        waiting: list[tuple[str, os.DirEntry[str] | None]] = [
            (start.relative_to(self._root).as_posix(), None)
        ]
        while waiting:
            folder, itself = waiting.pop()
            entries = self._entries(folder)
            if itself is not None and any(entry.name == ".git" for entry in entries):
                yield folder, itself, "repository"  # a commit of this repository holds none of its files
                continue
            for entry in entries:
                path = entry.name if folder == "." else f"{folder}/{entry.name}"
                if entry.name in _SKIPPED:
                    continue
                if entry.is_symlink():
                    yield path, entry, "link"
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append((path, entry))
                elif entry.is_file(follow_symlinks=False):
                    yield path, entry, None

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._root / folder) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []  # it went away while we looked, or was never ours to see

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError for what is missing, a link or outside."""
        folder, _, name = path.rpartition("/")
        if not name or not self._is_plain(folder):
            raise FileNotFoundError(path)
        try:
            with open(f"{self._root}/{path}", "rb", opener=_without_links) as file:
                return file.read()
        except PermissionError as error:
            raise Usage("FIL004", f"{path} cannot be read", "Check the file's permissions.") from error
        except (OSError, ValueError) as error:
            raise FileNotFoundError(path) from error

    def _is_plain(self, folder: str) -> bool:
        """True for a folder below the root that no link and no dots lead to; asked once for each."""
        if folder not in self._plain:
            written = f"{self._root}/{folder}" if folder else str(self._root)
            if os.path.realpath(written) != written:
                return False
            self._plain.add(folder)
        return True


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe must not hold us up


class PartTree:
    """Some files of a tree: only they are listed, while all can be read.

    Attributes:
        among: the files that the part was taken from, for advice on a name that leads nowhere.
    """

    def __init__(self, tree: Tree, paths: Collection[str], among: Collection[str] = ()) -> None:
        self._tree = tree
        self._paths = tuple(sorted(paths))
        self.among = among

    @property
    def commit(self) -> str | None:
        """That of the whole tree."""
        return self._tree.commit

    @property
    def committed_at(self) -> str:
        """That of the whole tree."""
        return self._tree.committed_at

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """These files below a folder, sorted."""
        folder = prefix.rstrip("/")
        return tuple(path for path in self._paths if not folder or path.startswith(f"{folder}/"))

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """The stamps of these files."""
        wanted = set(self.paths(prefix))
        return {path: stamp for path, stamp in self._tree.stamps(prefix).items() if path in wanted}

    def read(self, path: str) -> bytes:
        """The bytes of any file of the whole tree; raises FileNotFoundError alike."""
        return self._tree.read(path)
