"""The last known good on disk, so that a service starts and goes on without the store.

    state.json          one atomic file: what is live, its tag, and the exact signed metadata
    objects/<sha256>    the exact signed bytes of bundles
    seen.json           signed metadata that was verified last, used or not; believed only when verified again
    polled              touched at every successful poll; its age is the age of what is served

Whatever is read here is verified again by its reader; a broken file is an empty cache.
It must never leave a half-written file under a final name, nor make the process stop.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from serve.core.archive import Limits
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import sha256
from serve.core.errors import Unavailable

FORMAT = 1
_UNFINISHED = ".new-"
_ABANDONED_S = 3600.0
_TAG = re.compile(r"[!-~]{1,1024}")
_STATE_BYTES = 16 * 2**20
_OBJECT_BYTES = Limits().packed_bytes


class CacheUnavailable(Unavailable):
    """The cache folder cannot be written; the service goes on from memory."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one activation left behind. Metadata is kept as the text that was signed, roots in their order."""

    release: int
    sha256: str
    etag: str | None
    roots: tuple[str, ...]
    timestamp: str
    snapshot: str
    targets: str
    format: int = FORMAT


class Store:
    """The cache folder of one channel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = folder / "state.json"
        self._objects = folder / "objects"
        self._polled = folder / "polled"
        self._seen = folder / "seen.json"

    @property
    def lock(self) -> Path:
        """The file whose lock makes a process the poller of this folder."""
        return self.folder / "leader.lock"

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            CacheUnavailable: CAC001.
        """
        try:
            self._objects.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def load(self) -> Kept | None:
        """What was kept last, or None when there is nothing readable."""
        try:
            kept = from_json(Kept, json.loads(_read(self._state, _STATE_BYTES)))
        except (OSError, ShapeError, ValueError, RecursionError):
            return None
        if kept.etag is not None and not _TAG.fullmatch(kept.etag):
            kept = replace(
                kept, etag=None
            )  # a byte that went bad must not become a header that no server takes
        return kept if kept.format == FORMAT else None

    def object(self, digest: str) -> bytes | None:
        """The bytes with this SHA-256, or None when they are missing or no longer what their name says."""
        try:
            data = _read(self._objects / digest, _OBJECT_BYTES)
        except OSError:
            return None
        return data if sha256(data) == digest else None

    def put(self, digest: str, data: bytes) -> None:
        """Keep verified bytes under their digest; nothing to do when they are there.

        Raises:
            CacheUnavailable: CAC001.
        """
        if self.object(digest) is not None:
            return
        try:
            _replace(self._objects / digest, data)
        except OSError as error:
            raise self._unwritable(error) from error
        if self.object(digest) is None:  # a disk that says yes and keeps something else
            raise self._unwritable(OSError(errno.EIO, "what was written reads differently"))

    def save(self, kept: Kept) -> None:
        """Make ``kept`` the state in one step; other processes see the old or the new one.

        Raises:
            CacheUnavailable: CAC001.
        """
        try:
            _replace(self._state, json.dumps(to_json(kept)).encode())
        except OSError as error:
            raise self._unwritable(error) from error

    def recall(self) -> bytes | None:
        """Metadata that was verified, the last time some was, whether it came to be used or not."""
        try:
            return _read(self._seen, _STATE_BYTES)
        except OSError:
            return None

    def note(self, data: bytes) -> bool:
        """Keep such metadata; False when the folder cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(self._seen, data)
        except OSError:
            return False
        return True

    def mark(self) -> tuple[int, int, int] | None:
        """Something that differs after every save, at the price of one stat; None when there is no state."""
        try:
            about = self._state.stat()
        except OSError:
            return None
        return about.st_ino, about.st_mtime_ns, about.st_size

    def beat(self) -> None:
        """Note that the store confirmed the state just now.

        Raises:
            CacheUnavailable: CAC001.
        """
        try:
            self._polled.touch()
        except OSError as error:
            raise self._unwritable(error) from error

    def polled_at(self) -> float | None:
        """When the store last confirmed the state (epoch seconds), by any process of this host."""
        try:
            return self._polled.stat().st_mtime
        except OSError:
            return None

    def collect(self, keep: Collection[str]) -> None:
        """Delete every object but these, and what a killed writer left an hour ago or earlier."""
        with contextlib.suppress(OSError):
            for path in self._objects.iterdir():
                if path.name.startswith(_UNFINISHED):
                    done = time.time() - path.stat().st_mtime > _ABANDONED_S
                else:
                    done = path.name not in keep
                if done:
                    path.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> CacheUnavailable:
        return CacheUnavailable(
            "CAC001",
            f"the cache folder {self.folder} cannot be written ({error.strerror or type(error).__name__})",
            "Make it writable or free space; until then releases are held in memory only.",
        )


def _read(path: Path, most_bytes: int) -> bytes:
    """A plain file's bytes. A link, a pipe or a file without end in its place is an error, not a long wait."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        about = os.fstat(fd)
        if not stat.S_ISREG(about.st_mode) or about.st_size > most_bytes:
            raise OSError(errno.EINVAL, "not a file of the cache")
        return file.read(most_bytes)


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
