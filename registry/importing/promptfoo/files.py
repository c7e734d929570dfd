"""The files that a promptfoo config names, read below the imported folder, and nothing else of the machine.

It must never run a script, and never reach over the network.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.importing.foreign_yaml import load_foreign
from registry.importing.listing import is_pattern
from registry.importing.port import Foreign, Note
from serve.core.model import Json

CODE = (
    ".js",
    ".cjs",
    ".mjs",
    ".ts",
    ".cts",
    ".mts",
    ".py",
    ".rb",
    ".go",
    ".sh",
    ".bash",
    ".exe",
    ".bat",
    ".ps1",
    ".pl",
)
_FUNCTION = re.compile(r"(?<=\.[a-z]{2}):[\w.]+$|(?<=\.[a-z]{3}):[\w.]+$")
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DEPTH = 8
_MOST = 5_000
_FIELD_CHARACTERS = 8 * 2**20


def _rows(text: str) -> list[dict[str, str]]:
    """The rows of a table; the limit of a field is the process's own, so it is put back."""
    before = csv.field_size_limit(_FIELD_CHARACTERS)
    try:
        return list(csv.DictReader(io.StringIO(text), restkey="", restval="", strict=False))
    finally:
        csv.field_size_limit(before)


@dataclass(slots=True)
class Files:
    """Reads what a config names; ``notes`` tells what could not be read."""

    file: Foreign
    notes: list[Note] = field(default_factory=list)

    def text(self, reference: str, what: str) -> str | None:
        """The text of a file, or None with a note."""
        path = path_of(reference)
        why = self._why_not(path)
        if why:
            self.notes.append(Note("lost", what, f"{path} {why}"))
            return None
        data = self.file.sibling(posixpath.normpath(path))
        if data is None:
            self.notes.append(Note("fault", what, f"there is no file {path} below the imported folder"))
            return None
        return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")

    def named(self, reference: str, what: str) -> tuple[str, ...]:
        """The references that one stands for: itself, or for a pattern each file that it fits, sorted."""
        path = path_of(reference)
        if not is_pattern(path) or self.file.sibling(posixpath.normpath(path)) is not None:
            return (reference,)
        found = self.file.matching(posixpath.normpath(path))
        if not found:
            self.notes.append(Note("fault", what, f"no file below the imported folder fits {path}"))
        return tuple(f"file://{name}" for name in found)

    def there(self, reference: str) -> bool:
        """True for a file that can be read."""
        path = path_of(reference)
        return not self._why_not(path) and self.file.sibling(posixpath.normpath(path)) is not None

    def value(self, reference: str, what: str) -> Json:
        """The value of a YAML, JSON, JSONL or CSV file; None with a note where there is none."""
        text = self.text(reference, what)
        if text is None:
            return None
        path = path_of(reference)
        if path.endswith(".jsonl"):
            return self._lines(text, path)
        if path.endswith(".csv"):
            return self.rows(text, path)
        data, found = load_foreign(path, text.encode("utf-8", "replace"))
        self.notes += found
        return data

    def rows(self, text: str, path: str) -> list[dict[str, Json]]:
        """The rows of CSV by the names of its first line."""
        try:
            read = _rows(text)
        except csv.Error as error:
            self.notes.append(Note("fault", path, f"is no CSV: {error}"))
            return []
        return [{str(key).strip(): value for key, value in row.items() if key} for row in read]

    def _lines(self, text: str, path: str) -> list[Json]:
        out: list[Json] = []
        for number, line in enumerate(text.split("\n"), 1):
            try:
                out += [json.loads(line)] if line.strip() else []
            except (ValueError, RecursionError):
                self.notes.append(Note("fault", path, "has a line that is no JSON; it was left out", number))
        return out

    def _why_not(self, path: str) -> str:
        if _REMOTE.match(path):
            return "lies elsewhere; save it beside the config"
        if path.lower().endswith(CODE):
            return "is code, which is not run"
        if is_pattern(path) and self.file.sibling(posixpath.normpath(path)) is None:
            return "is a pattern of names; write the files out, one by one"
        if path.startswith("/"):
            return "lies outside the imported folder"
        if path.lower().endswith((".xlsx", ".xls")):
            return "is a spreadsheet; save it as CSV"
        return ""


def path_of(reference: str) -> str:
    """The path in a reference such as ``file://a/b.py:name``."""
    return _FUNCTION.sub("", reference.removeprefix("file://"))


class References:
    """Puts every ``$ref`` into a config in place, so often and no more: a reference may lead to itself."""

    def __init__(self, root: Mapping[str, Json]) -> None:
        self._root = root
        self._left = _MOST

    def resolved(self, value: Json, depth: int = 0) -> Json:
        """A value with its references in place; one that leads nowhere stays."""
        if depth > _DEPTH:
            return value
        if isinstance(value, list):
            return [self.resolved(item, depth) for item in value]
        if not isinstance(value, Mapping):
            return value
        target = self._target(value.get("$ref"))
        if target is not None:
            others = {key: item for key, item in value.items() if key != "$ref"}
            return self.resolved({**target, **others}, depth + 1)
        return {key: self.resolved(item, depth) for key, item in value.items()}

    def _target(self, pointer: Json) -> Mapping[str, Json] | None:
        if not isinstance(pointer, str) or not pointer.startswith("#/") or not self._left:
            return None
        self._left -= 1
        target: Json = self._root
        for step in pointer[2:].split("/"):
            target = target.get(step) if isinstance(target, Mapping) else None
        return target if isinstance(target, Mapping) else None
