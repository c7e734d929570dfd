"""A store in a folder: the embedded default, and what tests, demos and air-gapped hosts use.

Reads see either the old or the new object because writers rename into place.
It must never leave its folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from serve.core.digest import sha256
from serve.sources.port import Fetched, NotModified, SourceUnavailable, missing, no_answer, too_large


class DirectorySource:
    """Reads objects below ``root``; the tag of an object is the SHA-256 of its bytes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, path: str, *, etag: str | None = None, max_bytes: int) -> Fetched | NotModified:
        """See :meth:`serve.sources.port.Source.fetch`."""
        data = self._read(path, max_bytes)
        if len(data) > max_bytes:
            raise too_large(path, max_bytes)
        tag = sha256(data)
        return NotModified() if tag == etag else Fetched(data, tag)

    def _read(self, path: str, max_bytes: int) -> bytes:
        try:
            with (self._root / path).open("rb") as file:
                return file.read(max_bytes + 1)
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            if self._root.is_dir():
                raise missing(path) from error
            raise SourceUnavailable(
                "SRC001",
                f"the store folder {self._root} is not there",
                "Check the path, or publish to it first.",
            ) from error
        except OSError as error:
            raise no_answer(path) from error

    def put(self, path: str, data: bytes) -> None:
        """Write a report, whole or not at all; raises OSError. Nothing else in a store is a service's to write."""
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            unfinished.write_bytes(data)
            unfinished.replace(place)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def doubt(self) -> None:
        """There is no other place."""

    def reset(self) -> None:
        """Nothing is held open."""

    def close(self) -> None:
        """Nothing is held open."""
