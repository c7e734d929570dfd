"""Answers by the content address of their question, in a folder, so that nothing is asked twice.

A key covers all that an answer depends on, so an entry is right or absent and never stale.
It must never keep an error, nor trust an entry that is not whole.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from registry.errors import Unavailable
from registry.evaluation.records import Completion
from registry.evaluation.written import read_written
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import canonical


class ResponseCache:
    """A folder of answers; several runs may share it, and deleting it loses time only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Completion | None:
        """The answer kept under a key, marked as cached and without its time; None when there is none."""
        try:
            return read_entry(key, self._path(key).read_bytes())
        except OSError:
            return None

    def put(self, key: str, completion: Completion) -> None:
        """Keep an answer, all of it or nothing; an error is not kept.

        Raises:
            Unavailable: EVL030 when the folder cannot be written.
        """
        if completion.error is not None:
            return
        try:
            self._write(self._path(key), entry_of(key, completion))
        except OSError as error:
            what = f"the cache of answers cannot be written ({error.strerror or type(error).__name__})"
            raise Unavailable("EVL030", what, "Make room for it, or run with --no-cache.") from error

    def fetch(self, keys: Iterable[str]) -> None:
        """Make the look at some keys quick; a folder is quick as it is."""

    def close(self) -> None:
        """Finish what is being kept."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the result should know of the cache."""
        return ()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key[2:]}.json"

    def _write(self, path: Path, entry: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".making")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(entry)
            Path(scratch).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(scratch).unlink()
            raise


def entry_of(key: str, completion: Completion) -> bytes:
    """What is kept of an answer: all but its time."""
    kept = replace(completion, seconds=None, cached=False)
    return canonical({"key": key, "completion": to_json(kept)})


def read_entry(key: str, data: bytes) -> Completion | None:
    """The answer in an entry, marked as cached; None where the entry is not whole, or not of this key."""
    try:
        entry = read_written(data)
        if entry["key"] != key:
            return None
        return from_json(Completion, entry["completion"] | {"cached": True})
    except (ValueError, KeyError, TypeError, ShapeError):
        return None
