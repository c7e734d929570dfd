"""GitHub's ``.prompt.yml`` as a prompt of ours: the registry reads such files unchanged, so this writes down how.

It must never read the format in a second way: what a file means is decided in ``authoring.github``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal

from registry.authoring.github.adopt import adopt, is_foreign
from registry.authoring.github.drift import Drift
from registry.authoring.github.models import NOT_NAMED
from registry.authoring.parse import Document, read_yaml
from registry.importing.foreign_yaml import load_foreign
from registry.importing.models import model_entry, unnamed_model
from registry.importing.port import Entry, Foreign, Imported, Note
from registry.importing.secrets import scrubbed
from registry.importing.templates.dollars import dollars_quoted
from serve.core.model import Json

NAME = "github"
_NAMES = (".prompt.yml", ".prompt.yaml")
_SIGNS = ("modelParameters", "testData", "evaluators", "responseFormat")
_GONE = re.compile(r"left out|nothing reads it|not carried over|which counts")
_ROLES = ("system", "user", "assistant")


def recognises(file: Foreign) -> bool:
    """True for a file of that name without our header, and for any YAML with messages and a key of GitHub's own."""
    named = file.path.endswith(_NAMES)
    if not named and not (file.path.endswith((".yml", ".yaml")) and b"messages:" in file.data):
        return False
    data, _ = load_foreign(file.path, file.data)
    if not isinstance(data, Mapping):
        return named
    own = isinstance(data.get("messages"), list) and any(key in data for key in _SIGNS)
    return "promptyard" not in data and (named or own)


def read(file: Foreign, *, entry_id: str) -> Imported:
    """The prompt with its test data and evaluators, and the model config that it names."""
    document, notes = _document(file)
    if document is None:
        return Imported(file.path, NAME, (), notes)
    if not is_foreign(document):
        why = "has promptyard: 1, so it is ours already; copy it below the content folder"
        return Imported(file.path, NAME, (), (*notes, Note("fault", file.path, why)))
    adopted = adopt(document)
    data, hidden = scrubbed(adopted.document.data, "file")
    described, whole = _described(document.data.get("variables"), data)
    drifts = [drift for drift in _told(adopted.drifts) if not (whole and drift.what.startswith("variables "))]
    notes = (*notes, *_faults(data), *map(_note, drifts), *hidden, *described)
    if not isinstance(data.get("messages"), list) or not data["messages"]:
        return Imported(file.path, NAME, (), notes)
    model, note = _model(str(adopted.model.data["model"]))
    data["model"] = model.id
    told = [note, *_printed(data), *_answered(data["messages"])]
    data["messages"], quoted = dollars_quoted(data["messages"])
    return Imported(file.path, NAME, (Entry("prompt", entry_id, data), model), (*notes, *told, *quoted))


def _document(file: Foreign) -> tuple[Document | None, tuple[Note, ...]]:
    data, notes = load_foreign(file.path, file.data)
    ours, _ = read_yaml(file.path, file.data)
    if ours is not None and isinstance(ours.data, Mapping):
        return ours, notes  # the same value, and the line of each part of it
    if isinstance(data, dict):
        return Document(file.path, data, {}), notes
    fault = Note("fault", file.path, "holds no keys; a prompt has model and messages")
    return None, notes if any(note.level == "fault" for note in notes) else (*notes, fault)


def _told(drifts: tuple[Drift, ...]) -> list[Drift]:
    """All but what an import is for: the format, and the model, which has a note of its own."""
    return [drift for drift in drifts if drift.topic not in ("format", "model")]


def _note(drift: Drift) -> Note:
    level: Literal["lost", "changed", "fault"] = "lost" if _GONE.search(drift.what) else "changed"
    if "so the answer is free text" in drift.what:
        level = "fault"
    line = drift.place.line if drift.place.line > 1 or drift.place.column > 1 else None
    return Note(level, drift.topic, _as_clause(drift.what), line)


def _as_clause(sentence: str) -> str:
    first, space, rest = sentence.partition(" ")
    return f"{first.lower() if first.istitle() else first}{space}{rest}".rstrip(".")


def _model(name: str) -> tuple[Entry, Note]:
    if name == NOT_NAMED:
        return unnamed_model()
    entry = model_entry("", name)
    return entry, Note(
        "changed", "model", f"{name} is the model config {entry.id}, of engine {entry.data['engine']}"
    )


def _printed(data: Mapping[str, Json]) -> list[Note]:
    """Lists and objects in test data as the text that GitHub's tool puts in their place."""
    notes = []
    texts = [name for name, schema in (data.get("inputs") or {}).items() if schema.get("type") == "string"]
    for number, row in enumerate(data.get("testData") or (), 1):
        for name in texts:
            if isinstance(row.get(name), list | dict) or (name in row and row[name] is None):
                row[name] = _go_text(row[name])
                why = f"is the text {row[name]!r}, as GitHub's tool prints such a value"
                notes.append(Note("changed", f"row {number}: {name}", why))
    return notes


def _go_text(value: Json) -> str:
    """What Go's ``%v`` makes of a value."""
    if isinstance(value, list):
        return f"[{' '.join(map(_go_text, value))}]"
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{_go_text(item)}' for key, item in sorted(value.items()))}]"
    return "<nil>" if value is None else value if isinstance(value, str) else json.dumps(value)


def _described(variables: Json, data: Mapping[str, Json]) -> tuple[list[Note], bool]:
    """Carry what a list of variables, which many files have beside GitHub's keys, says of the inputs.

    Gives the notes, and whether all that it says was carried.
    """
    inputs = data.get("inputs") or {}
    listed = variables if isinstance(variables, list) else ()
    carried: list[str] = []
    whole = bool(listed)
    for item in listed:
        name, words = (
            (item.get("name"), item.get("description")) if isinstance(item, Mapping) else (None, None)
        )
        known = name in inputs and isinstance(words, str) and words.strip()
        if known and "description" not in inputs[name]:
            inputs[name]["description"] = str(words).strip()
            carried.append(str(name))
        silent = name in inputs and words in (None, "")
        more = set(item) - {"name", "description", "required"} if isinstance(item, Mapping) else {"?"}
        whole = whole and bool(known or silent) and not more and item.get("required") in (None, True)
    why = f"the descriptions of {', '.join(carried)} are under inputs"
    return ([Note("changed", "variables", why)] if carried else []), whole


def _answered(messages: list[Json]) -> list[Note]:
    """Let a question in where there is none, as those did who called the model with such a file."""
    roles = [message.get("role", "history") for message in messages if isinstance(message, Mapping)]
    lead = next((place for place, role in enumerate(roles) if role != "system"), len(roles))
    notes = []
    if "system" in roles[lead:]:
        notes.append(
            Note("fault", "messages", "a system message stands after others, which several providers refuse")
        )
    if not {"user", "history"} & set(roles):
        messages.append({"history": "conversation"})
        why = "none is the user's; what is asked comes in as the history conversation"
        notes.append(Note("changed", "messages", why))
    return notes


def _faults(data: Mapping[str, Json]) -> list[Note]:
    messages = data.get("messages")
    if not isinstance(messages, list) or not messages:
        return [Note("fault", "messages", "are missing or empty; a prompt has at least one")]
    faults = []
    for number, message in enumerate(messages, 1):
        if not isinstance(message, Mapping):
            faults.append(Note("fault", f"message {number}", "is no mapping with role and content"))
        elif message.get("role") not in _ROLES:
            faults.append(
                Note(
                    "fault",
                    f"message {number}",
                    f"has the role {message.get('role')}; there are {', '.join(_ROLES)}",
                )
            )
        elif not isinstance(message.get("content"), str | list):
            faults.append(Note("fault", f"message {number}", "has no text"))
    return faults
