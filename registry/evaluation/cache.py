"""Answers by the content address of their question, in a folder, so that nothing is asked twice.

A key covers all that an answer depends on, so an entry is right or absent and never stale.
It must never keep an error, nor trust an entry that is not whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from registry.evaluation.records import Completion
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import canonical


class ResponseCache:
    """A folder of answers; several runs may share it, and deleting it loses time only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Completion | None:
        """The answer kept under a key, marked as cached and without its time; None when there is none."""
        try:
            entry = json.loads(self._path(key).read_bytes())
            if entry["key"] != key:
                return None
            return from_json(Completion, entry["completion"] | {"cached": True})
        except (OSError, ValueError, KeyError, TypeError, ShapeError):
            return None

    def put(self, key: str, completion: Completion) -> None:
        """Keep an answer, all of it or nothing; an error is not kept."""
        if completion.error is not None:
            return
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = replace(completion, seconds=None, cached=False)
        handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".making")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(canonical({"key": key, "completion": to_json(kept)}))
            Path(scratch).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(scratch).unlink()
            raise

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key[2:]}.json"
