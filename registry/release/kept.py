"""What earlier checks found, kept between runs under the digest of all it hung on.

It is a cache: without it, or with one that cannot be read, everything is checked anew.
It must never be believed by another version of the rules, nor left half written.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from registry.diagnostics import Diagnostic, Place
from registry.validation.lints.dup001_duplicate_prompt import Text
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import sha256

KEPT = ".promptyard/cache/lint.json"  # below the registry's root
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ShapeError)
_PACKAGE = Path(__file__).parents[1]
_RULES = (_PACKAGE, _PACKAGE.parent / "serve" / "core", _PACKAGE.parent / "schemas")
_SETTLED_NS = 2 * 10**9  # a file changed just before a run may change again unseen within its clock's tick


class KeptFile(NamedTuple):
    """One file as it was last read: its stamp, its digest, and the files that it names."""

    stamp: str
    sha256: str
    links: tuple[str, ...]


class KeptUnit(NamedTuple):
    """What was found in some files, and what their prompts say, which others are compared with."""

    findings: tuple[Diagnostic, ...] = ()
    texts: tuple[Text, ...] = ()


class Kept:
    """Files by path and findings by key, as the last run left them.

    Attributes:
        tool: stands for the rules themselves, so that an upgrade forgets what the old ones found.
        files: those that need not be read again while their stamps are the same.
        units: what was found, by the digest of all that it hangs on.
        paths: of all files at the last check.
    """

    def __init__(self, place: Path | None) -> None:
        """``place`` is the file that it is kept in; with None nothing is."""
        self.tool = _tool()
        self.files: Mapping[str, KeptFile] = {}
        self.units: Mapping[str, KeptUnit] = {}
        self.paths: Collection[str] = ()
        self._place = place
        if place is not None:
            with contextlib.suppress(*_UNREADABLE):
                self._read(json.loads(place.read_bytes()))

    def replace(self, files: Mapping[str, KeptFile], units: Mapping[str, KeptUnit]) -> None:
        """Keep this instead, all of it or nothing; a folder that cannot be written to costs time only."""
        if self._place is None or (files == self.files and units == self.units):
            return
        self.files, self.units = files, units
        data = {
            "tool": self.tool,
            "files": {path: (file.stamp, file.sha256, file.links) for path, file in files.items()},
            "units": {key: _row(unit) for key, unit in units.items()},
            "at": time.time_ns(),
        }
        scratch = self._place.with_name(f".{self._place.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            try:
                self._place.parent.mkdir(parents=True, exist_ok=True)
                scratch.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
                scratch.replace(self._place)
            finally:
                scratch.unlink(missing_ok=True)

    def _read(self, data: Any) -> None:
        if data["tool"] != self.tool:
            return
        newest = data["at"] - _SETTLED_NS
        files = {
            path: KeptFile(stamp, digest, tuple(links))
            for path, (stamp, digest, links) in data["files"].items()
        }
        units = {key: _unit(row) for key, row in data["units"].items()}
        self.files = {path: file for path, file in files.items() if _changed_ns(file.stamp) < newest}
        self.units = units


def _row(unit: KeptUnit) -> list[Any]:
    texts = [
        (text.prompt, text.sha256, text.place.path, text.place.line, text.place.column) for text in unit.texts
    ]
    return [texts, to_json(list(unit.findings))] if unit.findings else [texts]


def _unit(row: list[Any]) -> KeptUnit:
    texts = tuple(Text(prompt, digest, Place(*place)) for prompt, digest, *place in row[0])
    return KeptUnit(tuple(from_json(Diagnostic, each) for each in row[1]) if len(row) > 1 else (), texts)


def _changed_ns(stamp: str) -> int:
    parts = stamp.split("-")
    return max(int(parts[1]), int(parts[2])) if len(parts) == 4 else 0


@cache
def _tool() -> str:
    """A digest over the sizes and times of all that judges, so that an edit of a rule counts as well."""
    told = []
    for folder in _RULES:
        for place in sorted((*folder.rglob("*.py"), *folder.rglob("*.schema.json"))):
            stat = place.stat()
            told.append(f"{place} {stat.st_size} {stat.st_mtime_ns}")
    return sha256("\n".join(told).encode())
