"""The providers of a promptfoo config as model configs: what is asked, never where and with which key.

It must never carry an endpoint, nor take an application's own code for a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from registry.importing.models import model_entry
from registry.importing.openai_config import APART
from registry.importing.parameters import carried
from registry.importing.port import Entry, Note
from registry.importing.promptfoo.files import Files
from registry.importing.secrets import is_secret_name
from serve.core.model import Json

_MODES = frozenset((
    "chat", "completion", "completions", "responses", "messages", "converse", "text-generation", "embedding",
    "embeddings", "image", "moderation", "realtime", "assistant", "transcription", "live", "video", "speech",
    "foundry-agent", "agents", "kb", "classification", "feature-extraction", "token-classification",
))  # fmt: skip
_NO_MODEL = re.compile(
    r"(exec|python|ruby|golang|file|https?|wss?|websocket|webhook|browser|package|promptfoo|mcp|a2a|echo|"
    r"sequence|simulated-user|manual-input|agentcore|function|opencode|slack|n8n|langgraph)(:|//|$)|.*:(codex|claude)[\w-]*-sdk|.*:claude-code",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(host|url|endpoint|organi[sz]ation|region|header|envar|deployment_?id|api_?version|project|base|timeout|cost|retries)",
    re.IGNORECASE,
)
_NESTED = ("generationConfig", "inferenceConfig", "modelParams", "options", "parameters")
ANSWER_TOKENS = 1024  # what promptfoo asks of Anthropic where a config names no limit


@dataclass(frozen=True, slots=True)
class Asked:
    """One provider that is a model: its config here, the prompts it is asked with, and what stands beside."""

    name: str
    entry: Entry
    prompts: tuple[str, ...] | None = None
    config: Mapping[str, Json] = field(default_factory=dict)


def asked_models(value: Json, files: Files) -> list[Asked]:
    """The models that a config asks, in order; what is no model is told in the files' notes."""
    out: list[Asked] = []
    taken: dict[str, Json] = {}
    for item in _listed(value, files):
        made = _made(item, files)
        if made is None:
            continue
        name, number = made.entry.id, 1
        while taken.setdefault(name, made.entry.data) != made.entry.data:
            number += 1
            name = f"{made.entry.id}-{number}"
        out.append(replace(made, entry=replace(made.entry, id=name)))
    return out


def _listed(value: Json, files: Files, depth: int = 0) -> Iterator[Json]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    for item in items:
        is_data = (
            isinstance(item, str) and item.startswith("file://") and item.endswith((".yaml", ".yml", ".json"))
        )
        if is_data and depth < 3:
            yield from _listed(files.value(item, f"provider {item}"), files, depth + 1)
        else:
            yield item


def _made(item: Json, files: Files) -> Asked | None:
    provider, options = _parts(item)
    if not provider:
        files.notes.append(Note("fault", "provider", "names no id such as openai:gpt-4o"))
        return None
    what = f"provider {provider.split('?')[0]}"
    if provider == "echo":  # the config's own affair: it asks nobody
        return None
    if _NO_MODEL.match(provider):
        files.notes.append(Note("lost", what, "is no model but code or a service; name the model it asks"))
        return None
    given = options.get("config")
    config: Mapping[str, Json] = given if isinstance(given, Mapping) else {}
    named = config.get("model") or config.get("modelName")
    entry = _entry(provider) or (
        model_entry(provider, named) if isinstance(named, str) and ":" not in provider else None
    )
    if entry is None:
        files.notes.append(
            Note("lost", what, "names its model only at run time; write its name into the model config")
        )
        return None
    label = options.get("label")
    files.notes += [
        Note("lost", f"{what}: {key}", "model configs have no such key")
        for key in options
        if key not in ("id", "label", "config", "prompts") and options[key] not in (None, "", [], {})
    ]
    kept = _parameters(config, entry, what, files)
    data = {**entry.data, **({"parameters": kept} if kept else {})}
    files.notes.append(
        Note("changed", what, f"is the model config {entry.id}, of engine {entry.data['engine']}")
    )
    listed = options.get("prompts")
    prompts = tuple(map(str, listed)) if isinstance(listed, list) else None
    shown = label if isinstance(label, str) and label.strip() else entry.id.rpartition("/")[2]
    return Asked(shown, replace(entry, data=data), prompts, config)


def _parts(item: Json) -> tuple[str, Mapping[str, Json]]:
    """The id of a provider and its options, in both forms that a config has."""
    if isinstance(item, str):
        return item.strip(), {}
    if not isinstance(item, Mapping):
        return "", {}
    if isinstance(item.get("id"), str):
        return item["id"].strip(), item
    if len(item) == 1:  # the old form: the id is the key
        name, options = next(iter(item.items()))
        held = options if isinstance(options, Mapping) else {}
        return str(held.get("id") or name), held
    return "", {}


def _entry(provider: str) -> Entry | None:
    head, _, rest = provider.partition(":")
    if "{{" in provider or "${" in provider:
        return None
    mode, _, model = rest.partition(":")
    name = model if mode.lower() in _MODES else rest
    if not name:
        name = "" if mode.lower() in _MODES else rest
    if not rest and "/" in head:
        head, _, name = head.partition("/")
    return model_entry(head, name) if name.strip() else None


def _parameters(config: Mapping[str, Json], entry: Entry, what: str, files: Files) -> dict[str, Json]:
    flat: dict[str, Json] = {}
    for key, value in config.items():
        if key in _NESTED and isinstance(value, Mapping):
            flat |= value
        elif is_secret_name(key) or _ADDRESS.search(key):
            files.notes.append(
                Note(
                    "lost", f"{what}: {key}", "where a model is and by whom it is paid belong to the service"
                )
            )
        elif key not in (*APART, "model", "modelName"):
            flat[key] = value
    engine = str(entry.data["engine"])
    kept, found = carried(flat, engine)
    files.notes += [replace(note, what=f"{what}: {note.what}") for note in found]
    return kept
