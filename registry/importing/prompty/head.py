"""The head of a Prompty file: its YAML with references to other files followed and its base laid under it.

It must never read a file outside the folder that is imported, nor an environment variable.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from registry.importing import frontmatter
from registry.importing.foreign_yaml import load_foreign
from registry.importing.port import Foreign, Note
from serve.core.model import Json

_REFERENCE = re.compile(r"\$\{file:([^}]+)\}|file:(\S+)")
_PATH = re.compile(r"[^\s{}]+\.(json|jsonl|ya?ml)")
_BEFORE = re.compile(
    r"(?:[ \t]*(?:#(?![ \t]*(?:system|user|assistant)[ \t]*:)[^\n]*|<!--.*?-->)?[ \t]*\n)+(?=[ \t]*---)",
    re.DOTALL | re.IGNORECASE,
)
_OPENING = re.compile(r"\A\s*^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_MOST_BASES = 5


@dataclass(frozen=True, slots=True)
class Head:
    """A file in two: the values of its head, and the text below it. ``closed`` is False where the head never ends."""

    values: Mapping[str, Json]
    body: str
    body_line: int
    notes: tuple[Note, ...] = ()
    closed: bool = True
    base: str = ""


def head_of(file: Foreign, text: str) -> Head:
    """The head of a file, references followed, and its body; lines count from 1."""
    notes: list[Note] = []
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text, skipped = _without_comments(text, notes)
    parts = frontmatter.split(text)
    if parts.open:  # Prompty takes dashes that are indented, and promptflow more than three
        parts = frontmatter.split(_FENCE.sub("---", text))
    if parts.open:
        why = "begins with --- and is never closed; write --- on a line of its own above the text"
        return Head({}, parts.body, 1, (Note("fault", "head", why, 1 + skipped),), closed=False)
    if parts.head is None:
        return Head({}, parts.body, parts.body_line + skipped, tuple(notes))
    first = parts.head_line + skipped
    data, found = load_foreign("head", parts.head.encode(), flavour="1.1", first_line=first)
    notes += found
    if data is not None and not isinstance(data, Mapping):
        notes.append(Note("fault", "head", "holds no keys; it was left out", first))
    if not isinstance(data, Mapping) and any(note.level == "fault" for note in notes):
        notes.append(
            Note("lost", "head", "cannot be read, so nothing of it was carried; the text below it was")
        )
    values = data if isinstance(data, Mapping) else {}
    followed = _followed(values, file, notes)
    whole, base = _with_base(followed, file, notes)
    return Head(whole, parts.body, parts.body_line + skipped, tuple(notes), base=base)


def _without_comments(text: str, notes: list[Note]) -> tuple[str, int]:
    """The text from its first line of dashes on, where only comments stand above it, and the lines above it."""
    found = _BEFORE.match(text)
    above = found[0] if found else ""
    if above.strip():
        notes.append(Note("lost", "comment", "stands above the head; write it into description"))
    return _OPENING.sub("---", text[len(above) :], count=1), above.count("\n")


def _followed(value: Json, file: Foreign, notes: list[Note]) -> Json:
    """The value with every reference to a file replaced by what the file holds."""
    if isinstance(value, Mapping):
        return {key: _followed(inner, file, notes) for key, inner in value.items()}
    if isinstance(value, list):
        return [_followed(inner, file, notes) for inner in value]
    found = _REFERENCE.fullmatch(value.strip()) if isinstance(value, str) else None
    return value if found is None else content_of((found[1] or found[2]).strip(), file, notes)


def content_of(name: str, file: Foreign, notes: list[Note]) -> Json:
    """What a file beside this one holds: values for JSON and YAML, text for others; None with a note where it is not there."""
    data = file.sibling(name)
    if data is None:
        why = "is not there, or lies outside the imported folder; what it holds was left out"
        notes.append(Note("fault", f"file {name}", why))
        return None
    suffix = posixpath.splitext(name)[1].lower()
    if suffix == ".jsonl":
        return [
            value
            for row in data.decode("utf-8-sig", "replace").splitlines()
            if (value := _row(row)) is not None
        ]
    if suffix in (".json", ".yaml", ".yml"):
        value, found = load_foreign(name, data, flavour="1.1")
        notes += found
        return value
    return data.decode("utf-8-sig", "replace")


def _row(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _with_base(
    values: Mapping[str, Json], file: Foreign, notes: list[Note]
) -> tuple[Mapping[str, Json], str]:
    """The head over those of the files that it names as its base, and the body of the nearest one."""
    whole, body, name = dict(values), "", values.get("base")
    for _ in range(_MOST_BASES):
        if not isinstance(name, str) or not name:
            break
        data = file.sibling(name)
        if data is None:
            why = "is not there, or lies outside the imported folder; what it adds was left out"
            notes.append(Note("fault", f"base {name}", why))
            break
        parts = frontmatter.split(data.decode("utf-8-sig", "replace"))
        under, found = load_foreign(name, (parts.head or "").encode(), flavour="1.1")
        notes += found
        body = body or parts.body
        notes.append(Note("changed", f"base {name}", "was laid under this file; each file stands alone here"))
        under = under if isinstance(under, Mapping) else {}
        whole = _laid_over(whole, _followed(under, file, notes))
        name = under.get("base")
    return whole, body


def _laid_over(top: Mapping[str, Json], under: Mapping[str, Json]) -> dict[str, Json]:
    """As version 1 does it: the upper value counts, model and sample are joined key by key."""
    out = {**under, **{key: value for key, value in top.items() if value not in (None, "")}}
    for key in ("model", "sample"):
        one, other = top.get(key), under.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            out[key] = _laid_over(one, other) if key == "sample" else _models(one, other)
    return out


def _models(top: Mapping[str, Json], under: Mapping[str, Json]) -> dict[str, Json]:
    out = {**under, **top}
    for key in ("configuration", "parameters"):
        one, other = top.get(key), under.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            out[key] = {**other, **one}
    return out


def rows_of(sample: Json, file: Foreign, notes: list[Note]) -> list[Mapping[str, Json]]:
    """The sample as rows of values by input; a path to a file counts as what the file holds."""
    if isinstance(sample, str) and _PATH.fullmatch(sample.strip()):
        sample = content_of(sample.strip(), file, notes)
    rows = sample if isinstance(sample, list) else [sample]
    kept = [row for row in rows if isinstance(row, Mapping)]
    if sample is not None and len(kept) < len(rows):
        notes.append(Note("fault", "sample", "holds no values by name; it was left out"))
    return kept
