"""Everything that a batch of files becomes, before a single byte is written.

Readers see one file each; here their entries meet: names are made unlike, what several files share becomes
one, and every value passes the last gate for secrets.
It must never write, and never leave a reference behind that names what was renamed.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from registry.authoring.catalog import Catalog
from registry.authoring.emit import to_yaml
from registry.authoring.format import format_file
from registry.authoring.resources import schema_text
from registry.importing import ids, plain
from registry.importing.formats import reader_of
from registry.importing.gather import Gathered, Skipped
from registry.importing.port import Entry, EntryKind, Foreign, Imported, Note, Reader
from registry.importing.secrets import scrubbed, without_secrets
from serve.core.model import Json

_SHARED: frozenset[EntryKind] = frozenset(("model", "tool", "text"))
_PATH = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*\Z")
_INCLUDE = re.compile(r"""(\{%[-+]?\s*include\s+)(["'])([^"']+)\2""")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one file became: its files of ours by path below the registry's root, and the notes."""

    path: str
    format: str
    files: Mapping[str, bytes]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """What a batch became: each file that was taken, and each that was passed over."""

    taken: tuple[Taken, ...]
    skipped: tuple[Skipped, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """All files of ours, by path below the registry's root."""
        return {path: data for taken in self.taken for path, data in taken.files.items()}


def collect(
    batch: Sequence[tuple[str, Gathered]], catalog: Catalog, *, reader: Reader | None = None, into: str = ""
) -> Collected:
    """Read every file of a batch and bring what they became together.

    Args:
        batch: what was gathered, with what its paths are told to begin with.
        catalog: the registry that it goes into.
        reader: the one format that all files have; each file's own where none is named.
        into: the folder, in the content folder, that prompts go into.
    """
    meeting = _Meeting(catalog)
    taken: list[Taken] = []
    skipped: list[Skipped] = []
    for prefix, gathered in batch:
        skipped += [replace(item, path=posixpath.join(prefix, item.path)) for item in gathered.skipped]
        chosen = _choose(gathered, reader, skipped, prefix)
        read = [
            (file, found, found.read(file, entry_id=meeting.entry_id(file, gathered.folder.name, into)))
            for file, found in chosen
        ]
        for file, found, imported in read:
            owner = gathered.used.get(file.path)
            if owner is not None and owner != file.path and found.NAME == plain.NAME:
                why = f"is a part of {posixpath.join(prefix, owner)}"
                skipped.append(Skipped(posixpath.join(prefix, file.path), why))
            else:
                taken.append(meeting.join(replace(imported, path=posixpath.join(prefix, file.path))))
    return Collected(tuple(taken), tuple(skipped))


def _choose(
    gathered: Gathered, reader: Reader | None, skipped: list[Skipped], prefix: str
) -> list[tuple[Foreign, Reader]]:
    """Which reader gets which file; loose texts only where no file of another format lies beside them."""
    if reader is not None:
        return [(file, reader) for file in gathered.files]
    chosen: list[tuple[Foreign, Reader]] = []
    for file in gathered.files:
        found = reader_of(file)
        if found is None:
            why = "is documentation" if plain.is_documentation(file.path) else "is of no known format"
            skipped.append(Skipped(posixpath.join(prefix, file.path), why))
        else:
            chosen.append((file, found))
    if all(found.NAME == plain.NAME for _, found in chosen):
        return chosen
    why = f"is text beside prompts of another format; --from {plain.NAME} takes it"
    loose = {
        file.path for file, found in chosen if found.NAME == plain.NAME and not plain.is_named(file.path)
    }
    skipped += [Skipped(posixpath.join(prefix, path), why) for path in sorted(loose - gathered.used.keys())]
    return [(file, found) for file, found in chosen if file.path not in loose]


@dataclass(slots=True)
class _Meeting:
    catalog: Catalog
    asked: set[str] = field(default_factory=set)
    placed: dict[tuple[EntryKind, str], Json] = field(default_factory=dict)

    def entry_id(self, file: Foreign, folder: str, into: str) -> str:
        return ids.untaken(ids.id_of(file.path, folder=folder, below=into), self.asked)

    def join(self, imported: Imported) -> Taken:
        notes = list(imported.notes)
        entries = [self._gated(entry, notes) for entry in imported.entries]
        renamed: dict[tuple[EntryKind, str], str] = {}
        for entry in entries:
            renamed[entry.kind, entry.id] = self._place(entry, notes)
        files: dict[str, bytes] = {}
        for entry in entries:
            data = _referring(entry, renamed)
            self._write(replace(entry, id=renamed[entry.kind, entry.id], data=data), files, notes)
        if not files and not notes:
            notes.append(
                Note("fault", posixpath.basename(imported.path), "holds nothing that can be taken over")
            )
        return Taken(imported.path, imported.format, files, tuple(dict.fromkeys(map(_hushed, notes))))

    def _gated(self, entry: Entry, notes: list[Note]) -> Entry:
        data, found = scrubbed(entry.data, entry.id)
        notes += found
        return replace(entry, data=data)

    def _place(self, entry: Entry, notes: list[Note]) -> str:
        """The id that an entry gets in this registry."""
        if entry.kind == "model":
            known = self._same_model(entry, notes)
            if known is not None:
                return known
        wanted = entry.id
        if entry.kind != "text":
            wanted = ids.shortened(wanted)
        free, number = wanted, 1
        while not self._fits(entry, free):
            number += 1
            free = _numbered(wanted, number, entry.kind)
        if free != entry.id:
            notes.append(
                Note("changed", f"{entry.kind} {entry.id}", f"is {free} here; the name was taken or too long")
            )
        self.placed[entry.kind, free] = entry.data
        return free

    def _fits(self, entry: Entry, name: str) -> bool:
        shares = entry.kind in _SHARED
        if (entry.kind, name) in self.placed:
            return shares and self.placed[entry.kind, name] == entry.data
        if not shares:
            return True  # what is there already is the writer's business: it is kept, or refused
        there = self._there(entry.kind, name)
        return there is None or there == entry.data

    def _there(self, kind: EntryKind, name: str) -> Json:
        if kind != "text":
            document = self.catalog.documents[kind].get(name)
            return None if document is None else document.data
        try:
            return self.catalog.text(name)
        except FileNotFoundError:
            return None

    def _same_model(self, entry: Entry, notes: list[Note]) -> str | None:
        wanted = (entry.data["engine"], entry.data["model"])
        for name, source in self.catalog.models.items():
            if (source.engine, source.model) == wanted:
                if name != entry.id:
                    why = f"the registry has it as {name}, with the parameters that stand there"
                    notes.append(Note("changed", f"model {entry.data['model']}", why))
                return name
        return None

    def _write(self, entry: Entry, files: dict[str, bytes], notes: list[Note]) -> None:
        content = self.catalog.settings.content
        if entry.kind == "model" and entry.id in self.catalog.models:
            return
        if not _PATH.match(entry.id):
            notes.append(Note("fault", f"{entry.kind} {entry.id}", "cannot be a path here; it was left out"))
            return
        if entry.kind == "text":
            files[f"{content}/{entry.id}"] = str(entry.data).encode("utf-8", "replace")
            return
        path = f"{content}/{entry.id}.{entry.kind}.yaml"
        schema = posixpath.relpath(f"schemas/{entry.kind}.schema.json", posixpath.dirname(path))
        try:
            files[path] = format_file(path, to_yaml(_in_order(entry), schema=schema).encode()).data
        except ValueError as error:
            notes.append(Note("fault", f"{entry.kind} {entry.id}", f"{error}; it was left out"))


def _in_order(entry: Entry) -> Json:
    """The data with its keys in the order of the schema, as every file of this house has them."""
    order = _keys(entry.kind)
    rank = {key: place for place, key in enumerate(order)}
    return dict(sorted(entry.data.items(), key=lambda item: rank.get(item[0], len(order))))


@cache
def _keys(kind: EntryKind) -> tuple[str, ...]:
    return tuple(json.loads(schema_text(f"{kind}.schema.json"))["properties"])


def _numbered(name: str, number: int, kind: EntryKind) -> str:
    stem, dot, suffix = name.rpartition(".") if kind == "text" else (name, "", "")
    return f"{stem or suffix}-{number}{dot}{suffix if stem else ''}"


def _hushed(note: Note) -> Note:
    """The note without a secret that a file's own words carried into it."""
    return replace(note, what=without_secrets(note.what, "")[0], why=without_secrets(note.why, "")[0])


def _referring(entry: Entry, renamed: Mapping[tuple[EntryKind, str], str]) -> Json:
    """The data of an entry with every name that changed written anew."""
    if all(new == old for (_, old), new in renamed.items()) or not isinstance(entry.data, Mapping):
        return entry.data

    def new(kind: EntryKind, name: Json) -> Json:
        return renamed.get((kind, name), name) if isinstance(name, str) else name

    data = dict(entry.data)
    if entry.kind == "suite":
        data["prompt"] = new("prompt", data.get("prompt"))
    if entry.kind == "prompt":
        data = _texts_renamed(data, {old: name for (kind, old), name in renamed.items() if kind == "text"})
        data["model"] = new("model", data.get("model"))
        for variant in data.get("variants", {}).values():
            if "model" in variant:
                variant["model"] = new("model", variant["model"])
    lists: tuple[tuple[str, EntryKind], ...] = (("tools", "tool"), ("fallbacks", "model"))
    for key, kind in lists:
        if isinstance(data.get(key), list):
            data[key] = [new(kind, name) for name in data[key]]
    return data


def _texts_renamed(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return _INCLUDE.sub(lambda tag: f"{tag[1]}{tag[2]}{names.get(tag[3], tag[3])}{tag[2]}", value)
    if isinstance(value, list):
        return [_texts_renamed(item, names) for item in value]
    if isinstance(value, Mapping):
        return {
            key: names.get(item, item)
            if key == "file" and isinstance(item, str)
            else _texts_renamed(item, names)
            for key, item in value.items()
        }
    return value
