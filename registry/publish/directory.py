"""A folder as a store: the embedded default, with the same promises as S3.

Readers see whole files only: every file is written and synced elsewhere, then linked or renamed into place.
It must never write a key in place, nor take a lock that outlives its process.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from registry.errors import StoreUnavailable
from registry.publish.target import Conflict, Stored
from serve.core.digest import sha256


class DirectoryTarget:
    """A store in a folder; a tag is the SHA-256 of the bytes. Made on the first write."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, key: str) -> Stored | None:
        """What a key holds now, or None."""
        with _translated(key):
            try:
                data = (self._root / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return Stored(data, sha256(data))

    def peek(self, key: str, most_bytes: int) -> bytes | None:
        """The first bytes of a key, or None. A pipe, a device or a link in its place is an error, not a long wait."""
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        with _translated(key):
            try:
                descriptor = os.open(self._root / key, flags)
            except (FileNotFoundError, NotADirectoryError):
                return None
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise OSError(errno.EINVAL, "not a file")
                return file.read(most_bytes)

    def unchanged(self, key: str, etag: str) -> bool:
        """True when the key still has this tag."""
        stored = self.read(key)
        return stored is not None and stored.etag == etag

    def put_once(self, key: str, data: bytes, *, immutable: bool = True) -> None:
        """Create a key by linking a finished file; equal bytes already there count as success."""
        path = self._root / key
        with _translated(key), self._finished(path, data, mode=0o444 if immutable else 0o644) as temporary:
            try:
                os.link(temporary, path)
            except FileExistsError:
                if path.read_bytes() != data:
                    raise Conflict(key) from None
            _sync_folder(path.parent)

    def replace_if(self, key: str, data: bytes, etag: str | None) -> None:
        """Replace a key under the store's lock when it still has the tag."""
        path = self._root / key
        with _translated(key), self._finished(path, data, mode=0o644) as temporary, self._locked():
            stored = self.read(key)
            if (stored.etag if stored else None) != etag:
                if stored is not None and stored.data == data:
                    return
                raise Conflict(key)
            temporary.replace(path)
            _sync_folder(path.parent)

    def remove(self, key: str) -> None:
        """Remove a key; one that does not exist is fine. Its folder stays: another writer may be about to use it."""
        with _translated(key):
            (self._root / key).unlink(missing_ok=True)

    def list(self, prefix: str) -> tuple[str, ...]:
        """Sorted keys directly below a prefix; folders end in a slash."""
        with _translated(prefix):
            try:
                entries = sorted((self._root / prefix).iterdir())
            except (FileNotFoundError, NotADirectoryError):
                return ()
            return tuple(f"{prefix}{entry.name}{'/' if entry.is_dir() else ''}" for entry in entries)

    def traits(self) -> Mapping[str, str]:
        """A folder has no habits to remember."""
        return {}

    def recall(self, traits: Mapping[str, str]) -> None:
        """A folder has no habits to remember."""

    @contextmanager
    def _finished(self, path: Path, data: bytes, *, mode: int) -> Iterator[Path]:
        path.parent.mkdir(parents=True, exist_ok=True)
        waiting = self._root / ".tmp"
        waiting.mkdir(exist_ok=True)
        temporary = waiting / uuid.uuid4().hex
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._root / ".lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            "STO001",
            f"the folder store cannot serve {key} ({error.strerror or type(error).__name__})",
            "Check that the store's folder exists, is writable and has space left.",
        ) from error
