"""One form for every file: the same value, all of its comments, and set as ``layout`` says.

Whatever is wrong with the setting, a writer's file is never the worse for it: each result is read back and
compared before anything is written.
It must never change what a file says, lose a comment, or touch a file that it cannot prove this of.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry.authoring.kinds import kind_of
from registry.authoring.layout import set_page
from registry.authoring.parse import Document, read_yaml
from registry.authoring.resources import SCHEMAS, schema_text
from registry.authoring.syntax import comments_of, read_page
from registry.diagnostics import Diagnostic, Place
from registry.settings import FILE

_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_NAMED_SCHEMA = re.compile(r"\A\s*#.*\$schema[=:]\s*\S*?([a-z]+\.schema\.json)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file in its one form; the bytes it had, and why, where there are findings."""

    data: bytes
    changed: bool
    findings: tuple[Diagnostic, ...] = ()


def format_file(path: str, data: bytes) -> Formatted:
    """The bytes of a file in its one form.

    Keys at the top stand in the order of the kind's schema. A file that is no YAML of ours (YML00x), that has
    a directive (FMT002), or whose form could not be proven to say the same (FMT001) is left as it is.

    Args:
        path: names the file in findings; its ending says its kind, or else the schema named in its first line.
        data: what the file holds.

    Raises:
        Unavailable: ENV003 when the installation lacks a schema.
    """
    document, findings = read_yaml(path, data)
    if document is None:
        return Formatted(data, False, findings)
    text = document.source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if directive := _DIRECTIVE.search(text):
        line = text.count("\n", 0, directive.start()) + 1
        message, hint = "A directive for YAML readers stands here.", "Remove it: files are read as YAML 1.2."
        return Formatted(data, False, (Diagnostic("FMT002", "error", Place(path, line), message, hint),))
    order = key_order(path, text)
    made = _set(text, order)
    if made != text and not _says_the_same(document, text, made, order):
        message = "No form was found that surely says the same, so the file is left as it is."
        hint = "Please report it with the file; until then, format it by hand."
        return Formatted(data, False, (Diagnostic("FMT001", "error", Place(path), message, hint),))
    return Formatted(made.encode(), made.encode() != data)


def key_order(path: str, text: str = "") -> tuple[str, ...]:
    """The keys that a file of this name may have at its top, in the order of its schema; empty when unknown."""
    name = path.rsplit("/", 1)[-1]
    if name == FILE:
        return _keys(SCHEMAS["settings"])
    kind = kind_of(name)
    if kind is not None:
        return _keys(kind.schema)
    named = _NAMED_SCHEMA.match(text)
    return _keys(named[1]) if named and named[1] in SCHEMAS.values() else ()


def replace_file(path: Path, data: bytes) -> None:
    """Put new bytes into a file, whole or not at all; its mode stays."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _set(text: str, order: tuple[str, ...]) -> str:
    page = read_page(text)
    return text if page is None else set_page(page, order)


def _says_the_same(document: Document, text: str, made: str, order: tuple[str, ...]) -> bool:
    again, _ = read_yaml(document.path, made.encode())
    return (
        again is not None
        and _exact(again.data) == _exact(document.data)
        and comments_of(made) == comments_of(text)
        and _set(made, order) == made
    )


def _exact(value: object) -> str:
    """A text that differs where types do: 1, 1.0 and true are equal to Python and not to a reader."""
    return json.dumps(value, sort_keys=True)


@cache
def _keys(schema: str) -> tuple[str, ...]:
    return tuple(json.loads(schema_text(schema))["properties"])
