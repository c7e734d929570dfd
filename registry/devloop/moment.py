"""The working copy as it was at one moment, read as little as can be.

What checks a save and what publishes it must see the same bytes, while an editor goes on writing: a file is
read once, and again only when its stamp differs.
It must never give two readers of one moment two answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.authoring.tree import FolderTree, PassedOver

_HELD_BYTES = 256 * 1024  # larger files are weights, which nothing reads twice


class Moment:
    """A tree for one step of the loop; the one before it gives what did not change."""

    commit: str | None = None
    committed_at: str = ""

    def __init__(self, folder: FolderTree, content: str, before: Moment | None = None) -> None:
        self._folder = folder
        self.content = content
        self.at = folder.stamps(content)
        known = before._read if before is not None else {}
        self._read: dict[str, tuple[str, bytes]] = {
            path: held for path, held in known.items() if self.at.get(path) == held[0]
        }

    def changed(self, before: Moment | None) -> frozenset[str]:
        """The paths that came, went or have another stamp since another moment."""
        then = before.at if before is not None else {}
        return frozenset(path for path in self.at.keys() | then.keys() if self.at.get(path) != then.get(path))

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All regular files of the content folder below a folder, sorted."""
        lead = prefix.rstrip("/") and f"{prefix.rstrip('/')}/"
        return tuple(sorted(path for path in self.at if path.startswith(lead)))

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """What says of each file whether it changed."""
        if prefix == self.content:
            return self.at
        return {path: self.at[path] for path in self.paths(prefix)}

    def passed_over(self, prefix: str = "") -> tuple[PassedOver, ...]:
        """Links and repositories below a folder, as they are now."""
        return self._folder.passed_over(prefix)

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError, also for one that came later."""
        stamp = self.at.get(path)
        if stamp is None:
            if path.startswith(f"{self.content}/"):
                raise FileNotFoundError(path)
            return self._folder.read(path)
        held = self._read.get(path)
        if held is not None:
            return held[1]
        data = self._folder.read(path)
        if len(data) <= _HELD_BYTES:
            self._read[path] = (stamp, data)
        return data
