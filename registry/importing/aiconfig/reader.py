"""AIConfig files (``.aiconfig``, JSON and YAML): a prompt of ours for each of theirs.

Sources: AIConfig's JSON schema (version 1), and how its last release resolves parameters and references.
It must never carry an answer that a file has recorded as if it were asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from registry.importing.aiconfig.text import converted
from registry.importing.foreign_yaml import load_foreign
from registry.importing.functions import tools_of
from registry.importing.inference import usages
from registry.importing.models import model_entry, unnamed_model
from registry.importing.parameters import carried
from registry.importing.port import Entry, Foreign, Imported, Note
from registry.importing.response_format import output_of
from registry.importing.roles import in_order, role_of
from registry.importing.samples import inputs_of, schema_of
from registry.importing.secrets import scrubbed
from registry.importing.templates.dollars import dollars_quoted
from registry.importing.templates.printed import printed_as_text
from registry.validation.template_policy import examine
from serve.core.model import Json

NAME = "aiconfig"
_SUFFIXES = (".json", ".yaml", ".yml", ".aiconfig")
_SIGNS = ("schema_version", "metadata")
_OWN = frozenset(("name", "schema_version", "metadata", "prompts", "description", "$schema"))
_TEXTS = ("data", "prompt", "content", "text", "messages")
_PROVIDERS = (
    ("gpt", "openai"),
    ("o1", "openai"),
    ("chatgpt", "openai"),
    ("claude", "anthropic"),
    ("gemini", "gemini"),
)
_NO_MODEL = frozenset(("model", "system_prompt", "messages", "tools", "functions", "response_format"))


def recognises(file: Foreign) -> bool:
    """True for a mapping with named prompts and AIConfig's version or metadata of models."""
    if not file.path.lower().endswith(_SUFFIXES) or b"prompts" not in file.data:
        return False
    value, _ = load_foreign(file.path, file.data, flavour="1.1")
    return _is_aiconfig(value)


def _is_aiconfig(value: Json) -> bool:
    if not isinstance(value, Mapping) or not isinstance(value.get("prompts"), list):
        return False
    named = [item for item in value["prompts"] if isinstance(item, Mapping) and "input" in item]
    return any(key in value for key in _SIGNS) and (bool(named) or "schema_version" in value)


def read(file: Foreign, *, entry_id: str) -> Imported:
    """A prompt for each prompt of the file, with the model configs that they ask."""
    value, notes = load_foreign(file.path, file.data, flavour="1.1")
    if not isinstance(value, Mapping) or not _is_aiconfig(value):
        is_told = any(note.level == "fault" for note in notes)
        fault = Note("fault", file.path, "holds no prompts of AIConfig's")
        return Imported(file.path, NAME, (), notes if is_told else (*notes, fault))
    whole = _File(value, list(notes))
    try:
        entries = whole.entries(entry_id)
    except RecursionError:
        why = "nests deeper than a template can be read; make it simpler"
        return Imported(file.path, NAME, (), (*notes, Note("fault", file.path, why)))
    kept: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        data, hidden = scrubbed(entry.data, entry.id)
        whole.notes += hidden
        kept.setdefault((entry.kind, entry.id), Entry(entry.kind, entry.id, data))
    return Imported(file.path, NAME, tuple(kept.values()), tuple(dict.fromkeys(whole.notes)))


@dataclass(slots=True)
class _File:
    """One file; each of its prompts may speak of those before it."""

    value: Mapping[str, Json]
    notes: list[Note]
    ids: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def entries(self, entry_id: str) -> list[Entry]:
        self._keys()
        prompts = [item for item in self.value["prompts"] if isinstance(item, Mapping)]
        if len(prompts) < len(self.value["prompts"]):
            self.notes.append(Note("fault", "prompts", "hold an item that is no mapping; it was left out"))
        if not prompts:
            self.notes.append(Note("fault", "prompts", "are none; there is nothing to import"))
        out: list[Entry] = []
        for number, item in enumerate(prompts, 1):
            name = str(item.get("name") or f"prompt {number}")
            plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
            slug = re.sub(r"[^a-z0-9_]+", "-", plain.lower()).strip("-_") or f"prompt-{number}"
            inner = f"{entry_id}/{slug}"
            while inner in self.ids.values():
                inner = f"{inner}-{number}"
            self.ids[name] = entry_id if len(prompts) == 1 else inner
            out += _Prompt(self, item, name, list(self.ids)[:-1]).entries()
        shared = _mapping(_mapping(self.value.get("metadata")).get("parameters"))
        why = "is given a value but no prompt prints it"
        self.notes += [Note("lost", f"parameter {name}", why) for name in shared if name not in self.used]
        self._description(out)
        return out

    def _description(self, out: list[Entry]) -> None:
        said = self.value.get("description")
        prompts = [entry for entry in out if entry.kind == "prompt"]
        if not isinstance(said, str) or not said.strip():
            return
        if len(prompts) == 1:
            prompts[0].data["description"] = said.strip()
        else:
            self.notes.append(
                Note("lost", "description", f"is of the whole file, which is {len(prompts)} prompts here")
            )

    def _keys(self) -> None:
        for key, value in self.value.items():
            if key not in _OWN and value not in (None, "", [], {}):
                self.notes.append(Note("lost", key, "prompts have no such key"))
        metadata = _mapping(self.value.get("metadata"))
        for key, value in metadata.items():
            if key not in ("models", "parameters", "default_model", "model_parsers") and value not in (
                None,
                "",
                [],
                {},
            ):
                self.notes.append(Note("lost", f"metadata.{key}", "prompts have no such key"))
        if metadata.get("model_parsers"):
            why = "names Python classes that call a model; the engine of a model config does that here"
            self.notes.append(Note("lost", "metadata.model_parsers", why))

    def settings(self, item: Mapping[str, Json]) -> tuple[str, dict[str, Json]]:
        """The model that a prompt asks, and its settings over those of the whole file."""
        metadata = _mapping(self.value.get("metadata"))
        written = _mapping(item.get("metadata")).get("model")
        name = written.get("name") if isinstance(written, Mapping) else written
        name = name or metadata.get("default_model") or ""
        shared = _mapping(_mapping(metadata.get("models")).get(name))
        own = _mapping(written.get("settings")) if isinstance(written, Mapping) else {}
        return str(name), {**shared, **own}


@dataclass(slots=True)
class _Prompt:
    """One prompt of a file, and the names of those before it."""

    file: _File
    item: Mapping[str, Json]
    name: str
    before: list[str]
    schemas: dict[str, dict[str, Json]] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)

    def note(self, level: Literal["changed", "lost", "fault"], what: str, why: str) -> None:
        self.file.notes.append(Note(level, f"{self.name}: {what}", why))

    def entries(self) -> list[Entry]:
        model, settings = self.file.settings(self.item)
        entry = self._model(model, settings)
        self._parameters()
        messages = self._messages(settings)
        if not messages:
            self.note("fault", "input", "has no text; there is nothing to ask")
            return []
        self._told()
        notes: list[Note] = []
        tools = tools_of(settings.get("tools"), notes) + tools_of(settings.get("functions"), notes)
        output = self._output(settings.get("response_format"), notes)
        left = {key: value for key, value in settings.items() if key not in _NO_MODEL}
        parameters, lost = carried(left, entry.data["engine"])
        data: dict[str, Json] = {"promptyard": 1, "name": self.name, "model": entry.id}
        if parameters:
            data["modelParameters"] = parameters
        schemas = printed_as_text(self.schemas, self.templates, usages(self.templates), notes)
        inputs, added = inputs_of(self.templates, schemas)
        if inputs:
            data["inputs"] = inputs
        if output:
            data["output"] = output
        data["messages"], quoted = dollars_quoted(in_order(messages, notes))
        if tools:
            data["tools"] = [tool.id for tool in tools]
        for found in (*notes, *lost, *quoted, *added):
            self.file.notes.append(Note(found.level, f"{self.name}: {found.what}", found.why))
        self._faults(inputs)
        return [Entry("prompt", self.file.ids[self.name], data), entry, *tools]

    def _model(self, name: str, settings: Mapping[str, Json]) -> Entry:
        asked = settings.get("model") if isinstance(settings.get("model"), str) else name
        if not asked:
            entry, note = unnamed_model()
            self.note(note.level, note.what, note.why)
            return entry
        provider = next((engine for start, engine in _PROVIDERS if str(asked).lower().startswith(start)), "")
        entry = model_entry(provider, str(asked))
        self.note(
            "changed", "model", f"{asked} is the model config {entry.id}, of engine {entry.data['engine']}"
        )
        return entry

    def _parameters(self) -> None:
        shared = _mapping(_mapping(self.file.value.get("metadata")).get("parameters"))
        own = _mapping(_mapping(self.item.get("metadata")).get("parameters"))
        texts = str([self.item.get("input"), self.file.settings(self.item)[1]])
        for name, value in {**shared, **own}.items():
            is_used = bool(re.search(rf"\{{\{{[^}}]*\b{re.escape(name)}\b", texts))
            if is_used:
                self.file.used.add(name)
            if value is not None and (name in own or is_used):
                schema = schema_of(value)
                self.schemas[name] = {**schema, "default": value} if schema else {}

    def _messages(self, settings: Mapping[str, Json]) -> list[Json]:
        out: list[Json] = []
        system = settings.get("system_prompt")
        system = system.get("content") if isinstance(system, Mapping) else system
        if isinstance(system, str) and system.strip():
            out.append(self._message("system", system))
        earlier = settings.get("messages")
        for message in earlier if isinstance(earlier, list) else ():
            content = message.get("content") if isinstance(message, Mapping) else None
            if isinstance(content, str) and content.strip():
                out.append(self._message(role_of(str(message.get("role", "user")), self.file.notes), content))
        text = self._input()
        if text.strip():
            out.append(self._message("user", text))
        return out if text.strip() or len(out) > 1 else []

    def _message(self, role: str, text: str) -> dict[str, Json]:
        template, notes = converted(text, self.schemas)
        self.file.notes += [Note(note.level, f"{self.name}: {note.what}", note.why) for note in notes]
        self.templates.append(template)
        return {"role": role, "content": template}

    def _input(self) -> str:
        written = self.item.get("input")
        if isinstance(written, str):
            return written
        held = _mapping(written)
        if held.get("attachments"):
            self.note("lost", "attachments", "are pictures or sounds of its own; hand them over as an input")
        found = next((held[key] for key in _TEXTS if isinstance(held.get(key), str)), "")
        for key in held:
            if key not in ("attachments", "role") and held[key] is not found:
                self.note("lost", f"input.{key}", "an input here is its text")
        return str(found)

    def _output(self, written: Json, notes: list[Note]) -> dict[str, Json] | None:
        if isinstance(written, Mapping) and written.get("type") == "json_schema":
            return output_of(written, notes)
        if written and written != {"type": "text"}:
            why = "asks for JSON of any shape; write its shape under output.schema to enforce it"
            notes.append(Note("lost", "response_format", why))
        return None

    def _told(self) -> None:
        """What a prompt takes from those before it, and what was recorded with it."""
        texts = " ".join(self.templates)
        for other in self.before:
            if re.search(rf"\{{[{{%][^}}]*\b{re.escape(other)}\s*\.\s*(input|output)\b", texts):
                why = (
                    f"is taken from the prompt {self.file.ids[other]}: ask that first and hand its text over"
                )
                self.note("changed", f"{{{{{other}.output}}}}", why)
        if self.item.get("outputs"):
            self.note(
                "lost", "outputs", "are answers that were recorded; a suite says what an answer must be"
            )
        metadata = _mapping(self.item.get("metadata"))
        model = self.file.settings(self.item)[0]
        same = [name for name in self.before if self.file.models.get(name) == model]
        if same and metadata.get("remember_chat_context") is not False:
            why = f"sends {', '.join(same[-3:])} and the answers before it there; add a history here if it needs them"
            self.note("lost", "chat context", why)
        self.file.models[self.name] = model
        for key, value in metadata.items():
            if key not in ("model", "parameters", "remember_chat_context", "output") and value not in (
                None,
                "",
                [],
                {},
            ):
                self.note("lost", f"metadata.{key}", "prompts have no such key")

    def _faults(self, inputs: Mapping[str, Mapping[str, Json]]) -> None:
        for template in self.templates:
            for fault in examine(template, inputs).faults:
                self.note("lost", "template", f"{fault.problem} here. {fault.hint}")


def _mapping(value: Json) -> dict[str, Json]:
    return dict(value) if isinstance(value, Mapping) else {}
