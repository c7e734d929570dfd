"""Plain text and Markdown as prompts: one message, the head's keys carried or told.

Only ``{{ name }}`` is taken as a variable; everything else that looks like one stays text, and is told.
It must never guess what a text does from what it says; its name and its head decide its role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from registry.authoring.github.text import Names, translate
from registry.importing import frontmatter
from registry.importing.foreign_yaml import load_foreign
from registry.importing.gaps import unfilled
from registry.importing.inputs import declared
from registry.importing.models import model_entry, parameters_of, unnamed_model
from registry.importing.port import Entry, Foreign, Imported, Note
from registry.importing.secrets import scrubbed, without_secrets
from registry.importing.templates.dollars import dollars_quoted
from serve.core.model import Json
from serve.core.payloads import PARAMETERS

NAME = "plain"
_SUFFIXES = (".md", ".mdc", ".markdown", ".txt")
_NAMED = re.compile(
    r"(\.(prompt|chatmode|instructions|agent)\.(md|txt|markdown)|\.mdc)$"
    r"|(^|/)(skill|agents|claude|copilot-instructions)\.md$"
    r"|(^|/)\.?(claude|github|cursor|opencode)/(agents?|commands?|prompts|rules)/",
    re.IGNORECASE,
)
_DOCUMENTATION = re.compile(
    r"(^|/)(readme|licen[cs]e|copying|changelog|changes|history|contributing|contributors|authors|notice|security"
    r"|support|governance|maintainers|code[_-]of[_-]conduct|pull_request_template|requirements|constraints|robots|humans"
    r"|cmakelists|todo|news|install|faq)([._-][^/]*)?\.(md|txt|markdown)$",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"\.(agent|chatmode|instructions)\.(md|markdown|txt)$|\.mdc$|(^|/)(skill|agents|claude|copilot-instructions)\.md$"
    r"|(^|/)agents?/[^/]+$|(^|[/._-])system([._-][^/]*)?\.(md|txt|markdown)$",
    re.IGNORECASE,
)
_AGENT_KEYS = (
    "tools",
    "allowed-tools",
    "disallowedTools",
    "applyTo",
    "globs",
    "alwaysApply",
    "handoffs",
    "skills",
)
_ASKS = re.compile(
    r"\.prompt\.(md|markdown|txt)$|(^|/)commands?/[^/]+$", re.IGNORECASE
)  # a user starts these
_AGENT_MODES = ("primary", "subagent", "all")
_PARAMETERS = ("temperature", "max_tokens", "maxTokens", "top_p", "topP")


def is_named(path: str) -> bool:
    """True where a file's name or folder says that it is a prompt."""
    return bool(_NAMED.search(path)) and not is_documentation(path)


def is_documentation(path: str) -> bool:
    """True for what lies in every repository and is no prompt."""
    return bool(_DOCUMENTATION.search(path))


def recognises(file: Foreign) -> bool:
    """True for text and Markdown other than documentation."""
    return file.path.lower().endswith(_SUFFIXES) and not is_documentation(file.path)


def read(file: Foreign, *, entry_id: str) -> Imported:
    """A prompt of one message."""
    try:
        parts = frontmatter.split(file.data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _nothing(file, "is not UTF-8 text; save it as UTF-8")
    if not parts.body.strip():
        return _nothing(file, "holds no text")
    notes: list[Note] = []
    if parts.open:
        notes.append(
            Note("fault", "head", "begins with --- and is never closed; all of it was taken as text")
        )
    head = _head(parts, notes)
    body, found = without_secrets(parts.body.strip("\n"), "text")
    notes += found
    text = translate(body, names := Names())
    notes += [
        Note("changed", f"variable {theirs}", f"is {ours} here")
        for theirs, ours in names.ours.items()
        if theirs != ours
    ]
    notes += unfilled(body, parts.body_line, numbered=bool(_ASKS.search(file.path)))
    inputs, added = declared([text.template], {})
    notes += added
    data: dict[str, Json] = {"promptyard": 1}
    model = _keys(head, data, notes)
    if inputs:
        data["inputs"] = inputs
    data["messages"], quoted = dollars_quoted(_messages(file.path, head, text.template, notes))
    notes += quoted
    return Imported(file.path, NAME, (Entry("prompt", entry_id, data), model), tuple(notes))


def _nothing(file: Foreign, why: str) -> Imported:
    return Imported(file.path, NAME, (), (Note("fault", file.path, why),))


def _head(parts: frontmatter.Parts, notes: list[Note]) -> Mapping[str, Json]:
    if parts.head is None:
        return {}
    head, found = load_foreign("head", parts.head.encode(), first_line=parts.head_line)
    notes += found
    if head is not None and not isinstance(head, dict):
        notes.append(Note("fault", "head", "holds no keys; it was left out", parts.head_line))
    clean, hidden = scrubbed(head if isinstance(head, dict) else {}, "head")
    notes += hidden
    return clean if isinstance(clean, dict) else {}


def _keys(head: Mapping[str, Json], data: dict[str, Json], notes: list[Note]) -> Entry:
    """Put what a prompt has into its data, tell the rest, and give the model config."""
    for key in ("name", "description", "owner"):
        value = head.get(key)
        if isinstance(value, str) and value.strip():
            data[key] = value.strip()
    if isinstance(head.get("title"), str) and "name" not in data:
        data["name"] = head["title"]
        notes.append(Note("changed", "title", "is called name here"))
    model, note = _model(head.get("model"))
    notes.append(note)
    data["model"] = model.id
    wanted = {key: head[key] for key in _PARAMETERS if isinstance(head.get(key), int | float)}
    kept, told = parameters_of(wanted, PARAMETERS[model.data["engine"]])
    notes += told
    if kept:
        data["modelParameters"] = kept
    carried = {
        "name",
        "description",
        "owner",
        "model",
        "role",
        *wanted,
        *(["title"] if data.get("name") == head.get("title") else []),
    }
    notes += [
        _lost(key, value)
        for key, value in head.items()
        if key not in carried or (key in data and not data[key])
    ]
    return model


def _lost(key: str, value: Json) -> Note:
    if key in ("tools", "allowed-tools", "disallowedTools"):
        return Note(
            "lost", key, f"are tools of another program ({_short(value)}); a tool here has a file of its own"
        )
    return Note("lost", key, f"prompts have no such key; it said {_short(value)}")


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _model(written: Json) -> tuple[Entry, Note]:
    if (
        not isinstance(written, str)
        or not written.strip()
        or written.strip() in ("inherit", "default", "auto")
    ):
        return unnamed_model()
    entry = model_entry("", written.strip())
    return entry, Note(
        "changed", "model", f"{written} is the model config {entry.id}, of engine {entry.data['engine']}"
    )


def _messages(path: str, head: Mapping[str, Json], template: str, notes: list[Note]) -> list[Json]:
    role = head.get("role")
    if role not in ("system", "user"):
        is_agent = any(key in head for key in _AGENT_KEYS) and not _ASKS.search(path)
        by_mode = head.get("mode") in _AGENT_MODES
        role = "system" if is_agent or by_mode or _SYSTEM.search(path) else "user"
    if role == "user":
        notes.append(Note("changed", "text", "is one message of the user"))
        return [{"role": "user", "content": f"{template}\n"}]
    notes.append(Note("changed", "text", "is one system message; the conversation follows it as history"))
    return [{"role": "system", "content": f"{template}\n"}, {"history": "conversation"}]
