"""Prompts as Langfuse's export and API give them, in JSON: text or chat, with versions and labels.

Only ``{{name}}`` is a variable there; all other braces and tags are text.
It must never choose between versions untold: what carries the label production is served, so it counts.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from registry.importing import ids
from registry.importing.draft import Draft, made
from registry.importing.foreign_yaml import load_foreign
from registry.importing.langfuse.template import Library, placeholder_name
from registry.importing.makers import maker_of
from registry.importing.models import model_entry
from registry.importing.openai_config import APART, output_of, tools_of
from registry.importing.port import Entry, Foreign, Imported, Level, Note
from registry.importing.roles import role_of
from serve.core.model import Json

NAME = "langfuse"
_OWN = ("labels", "version", "type", "tags", "commitMessage", "isActive", "config")
_LEDGER = frozenset((
    "id", "createdAt", "updatedAt", "projectId", "createdBy", "resolutionGraph", "resolved_prompt", "isActive",
    "is_fallback", "isFallback", "lastUpdatedAt",
))  # fmt: skip
_MODEL = ("model", "modelName", "model_name", "model_id", "modelId")
_PROVIDER = ("provider", "modelProvider", "model_provider", "vendor")
_LIVE = "production"


def recognises(file: Foreign) -> bool:
    """True for JSON that holds prompts with Langfuse's own keys."""
    if not file.path.endswith(".json") or b'"prompt' not in file.data:
        return False
    data, _ = _loaded(file)
    return bool(_prompts(data)) or _is_list_of_names(data)


def read(file: Foreign, *, entry_id: str) -> Imported:
    """Each prompt of an export, in the version that is served, and its model config."""
    data, notes = _loaded(file)
    found = list(_prompts(data))
    if not found:
        why = "holds no prompt with a name and a text"
        if _is_list_of_names(data):
            why = "lists names and versions without a text; export the prompts themselves"
        return Imported(file.path, NAME, (), (*notes, Note("fault", file.path, why)))
    return _Export(file, list(notes), found).imported(entry_id)


def _loaded(file: Foreign) -> tuple[Json, tuple[Note, ...]]:
    try:
        return json.loads(file.data.decode("utf-8-sig")), ()
    except (ValueError, RecursionError):
        return load_foreign(file.path, file.data)


def _prompts(data: Json) -> list[Mapping[str, Json]]:
    """The prompts in an export: one, a list, or a list below ``data`` or ``prompts``."""
    if isinstance(data, Mapping) and not _is_prompt(data):
        data = next((data[key] for key in ("data", "prompts") if isinstance(data.get(key), list)), None)
    listed = data if isinstance(data, list) else [data]
    return [item for item in listed if _is_prompt(item)]


def _is_prompt(item: Json) -> bool:
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str) or "promptyard" in item:
        return False
    has_text = isinstance(item.get("prompt"), str | list)
    return has_text and sum(key in item for key in _OWN) >= 2


def _is_list_of_names(data: Json) -> bool:
    """True for what Langfuse's API gives as its list: names, versions and labels, and no text."""
    listed = data.get("data") if isinstance(data, Mapping) else None
    return isinstance(listed, list) and any(
        isinstance(item, Mapping) and {"name", "versions", "labels"} <= item.keys() for item in listed
    )


def _rank(prompt: Mapping[str, Json]) -> tuple[bool, float]:
    """What counts most: the label production, then the later version."""
    version = prompt.get("version")
    labels = prompt.get("labels")
    is_live = (isinstance(labels, list) and _LIVE in labels) or prompt.get("isActive") is True
    return is_live, float(version) if isinstance(version, int | float) else 0.0


class _Export:
    def __init__(self, file: Foreign, notes: list[Note], prompts: Sequence[Mapping[str, Json]]) -> None:
        self._file = file
        self._notes = notes
        versions: dict[str, list[Mapping[str, Json]]] = defaultdict(list)
        for prompt in prompts:
            versions[str(prompt["name"])].append(prompt)
        self._versions = versions
        self._chosen = {name: max(held, key=_rank) for name, held in versions.items()}

    def imported(self, entry_id: str) -> Imported:
        entries: list[Entry] = []
        taken: set[str] = set()
        library = Library(self._versions, self._chosen, self._notes)
        for name, prompt in self._chosen.items():
            own = entry_id if len(self._chosen) == 1 else ids.untaken(f"{entry_id}/{_slug(name)}", taken)
            for entry in self._entries(prompt, own, library):
                if entry not in entries:
                    entries.append(entry)
        entries += [Entry("text", path, text) for path, text in library.partials.items()]
        return Imported(self._file.path, NAME, tuple(entries), tuple(dict.fromkeys(self._notes)))

    def _note(self, level: Level, what: str, why: str) -> None:
        self._notes.append(Note(level, what, why))

    def _entries(self, prompt: Mapping[str, Json], entry_id: str, library: Library) -> Iterator[Entry]:
        name = str(prompt["name"])
        self._tell(prompt, name)
        messages = self._messages(prompt["prompt"], name, library)
        config = prompt.get("config")
        if config is not None and not isinstance(config, Mapping):
            self._note("lost", f"{name}: config", "is no mapping of keys to values")
        config = config if isinstance(config, Mapping) else {}
        tools = tools_of(config, name, self._no_file, self._notes)
        head = {
            "name": name if name != entry_id else None,
            "tools": [tool.id for tool in tools],
            **self._output(config, name),
        }
        parameters = {
            key: value
            for key, value in config.items()
            if key not in (*APART, *_MODEL, *_PROVIDER, "json_schema", "output_schema")
        }
        model = self._model(config, name)
        whole = made(Draft(entry_id, messages, {}, model, parameters, head, partials=library.partials))
        self._notes += [Note(note.level, f"{name}: {note.what}", note.why, note.line) for note in whole.notes]
        yield from whole.entries
        yield from tools if whole.entries else ()

    def _no_file(self, reference: str) -> Json:
        self._note("lost", reference, "is a file that an export does not hold")
        return None

    def _output(self, config: Mapping[str, Json], name: str) -> dict[str, Json]:
        for key in ("json_schema", "output_schema"):
            held = config.get(key)
            if isinstance(held, Mapping):
                inner = held.get("schema")
                return {"output": {"schema": dict(inner if isinstance(inner, Mapping) else held)}}
        return output_of(config, name, self._no_file, self._notes)

    def _tell(self, prompt: Mapping[str, Json], name: str) -> None:
        others = sorted(
            {str(item.get("version", "?")) for item in self._versions[name] if item is not prompt},
            key=lambda v: (len(v), v),
        )
        if others:
            chosen = f"version {prompt.get('version', '?')} is taken"
            why = (
                "it has the label production"
                if _rank(prompt)[0]
                else "it is the latest; none has the label production"
            )
            self._note(
                "lost",
                f"{name}: versions {', '.join(others)}",
                f"{chosen}, since {why}; history is Git's here",
            )
        if prompt.get("tags"):
            self._note("lost", f"{name}: tags", "a prompt here has none; folders and owners group them")
        if prompt.get("commitMessage"):
            self._note("lost", f"{name}: commitMessage", "belongs to the version that Langfuse holds")
        labels = [label for label in prompt.get("labels") or () if label not in (_LIVE, "latest")]
        if labels:
            self._note(
                "lost",
                f"{name}: labels {', '.join(map(str, labels))}",
                "which release is served is a channel's to say",
            )
        known = {"name", "prompt", "version", "labels", "type", "tags", "commitMessage", "config", *_LEDGER}
        for key in prompt:
            if key not in known and prompt[key] not in (None, "", [], {}):
                self._note("lost", f"{name}: {key}", "is no key of Langfuse that is read")

    def _messages(self, written: Json, name: str, library: Library) -> list[dict[str, Json]]:
        if isinstance(written, str):
            return [{"role": "user", "content": library.template(written, name)}] if written.strip() else []
        out: list[dict[str, Json]] = []
        for number, item in enumerate(written, 1):
            if not isinstance(item, Mapping):
                self._note("fault", f"{name}: message {number}", "is no mapping with role and content")
            elif item.get("type") == "placeholder" or ("role" not in item and "name" in item):
                held = placeholder_name(str(item.get("name", "")), self._notes)
                out.append({"history": held})
            else:
                out += self._message(item, f"{name}: message {number}", library, name)
        return out

    def _message(
        self, item: Mapping[str, Json], what: str, library: Library, name: str
    ) -> Iterator[dict[str, Json]]:
        role = role_of(str(item.get("role")), self._notes)
        for key in item.keys() - {"role", "content", "type"}:
            self._note("lost", f"{what}: {key}", "messages here have role and content")
        content = item.get("content")
        if isinstance(content, str) and content.strip():
            yield {"role": role, "content": library.template(content, name)}
        elif content not in (None, ""):
            self._note("lost", what, "has a content that is no text")
        else:
            self._note("lost", what, "has no text")

    def _model(self, config: Mapping[str, Json], name: str) -> Entry | None:
        written = next(
            (config[key] for key in _MODEL if isinstance(config.get(key), str) and config[key]), None
        )
        if written is None:
            return None
        provider = next((config[key] for key in _PROVIDER if isinstance(config.get(key), str)), "")
        entry = model_entry(provider or maker_of(written), written)
        why = f"{written} is the model config {entry.id}, of engine {entry.data['engine']}"
        told = why if provider else f"{why}, since it names no provider; change the engine if it is another"
        self._note("changed", f"{name}: model", told)
        return entry


def _slug(name: str) -> str:
    """A prompt's name as an id: its folders stay, its letters become those that ids have."""
    steps = (_step(step) for step in name.split("/"))
    return "/".join(step for step in steps if step)[:60].strip("-_/") or "prompt"


def _step(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")
    return slug or (f"x{hashlib.sha256(text.encode()).hexdigest()[:8]}" if text.strip() else "")
