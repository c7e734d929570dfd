"""A registry as it will be: its files, with new ones on top that are not written yet.

So an import is linted before it touches the disk, and a dry run says what the real one would.
It must never write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from registry.authoring.tree import Tree


@dataclass(frozen=True, slots=True)
class OverlaidTree:
    """A tree with some files added or replaced."""

    below: Tree
    files: Mapping[str, bytes]
    commit: str | None = None
    committed_at: str = ""

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All files below a folder, sorted."""
        return tuple(sorted({*self.below.paths(prefix), *self._added(prefix)}))

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """As the tree below, and the digest of each file that lies on top."""
        added = {path: hashlib.sha256(self.files[path]).hexdigest() for path in self._added(prefix)}
        return {**self.below.stamps(prefix), **added}

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError."""
        return self.files[path] if path in self.files else self.below.read(path)

    def _added(self, prefix: str) -> list[str]:
        return [path for path in self.files if not prefix or path.startswith(f"{prefix.rstrip('/')}/")]
