"""The working copy as Git sees it: the last commit, and over it the files that differ from it.

Only what differs is read from disk, so a registry of thousands of files is looked at in moments, and a file that a
sparse checkout leaves out is not taken for a removed one.
It must never write, nor follow a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from registry.authoring.git_objects import GitTree
from registry.authoring.tree import FolderTree, Tree


class WorkingCopy:
    """The files of the working copy; ``changed`` are those that differ from ``base``, gone ones included."""

    commit: str | None = None
    committed_at: str = ""

    def __init__(self, base: Tree, folder: Tree, changed: Iterable[str]) -> None:
        self._base = base
        self._folder = folder
        self.changed = frozenset(changed)

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All regular files below a folder, sorted."""
        lead = prefix.rstrip("/") and f"{prefix.rstrip('/')}/"
        kept = {path for path in self._base.paths(prefix) if path not in self.changed}
        mine = (path for path in self.changed if path.startswith(lead))
        return tuple(sorted(kept | {path for path in mine if self._has(path)}))

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """What the two sides say of each file that they give."""
        kept = {path: stamp for path, stamp in self._base.stamps(prefix).items() if path not in self.changed}
        mine = self._folder.stamps(prefix).items() if self.changed else ()
        return {**kept, **{path: stamp for path, stamp in mine if path in self.changed}}

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError for what is missing, a link or outside."""
        return (self._folder if path in self.changed else self._base).read(path)

    def _has(self, path: str) -> bool:
        try:
            self._folder.read(path)
        except FileNotFoundError:
            return False
        return True


def working_copy(root: Path, base: GitTree, differing: Iterable[str]) -> WorkingCopy:
    """The working copy below a folder, from the last commit and the paths that Git says differ from it."""
    inner = (path for path in differing if not path.endswith("/"))  # else a repository of its own
    return WorkingCopy(base, FolderTree(root), inner)
