"""The prompts of a promptfoo config, each as messages in Nunjucks: inline, in files, as chats in JSON or YAML.

It must never take a path for a text, nor a text for a path, where the two can be told apart.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.importing.foreign_yaml import load_foreign
from registry.importing.port import Level, Note
from registry.importing.promptfoo.files import CODE, Files, path_of
from registry.importing.roles import role_of
from serve.core.model import Json

_DIVIDER = re.compile(r"(?m)^[ \t]*---[ \t]*$")
_KNOWN = (".txt", ".md", ".json", ".jsonl", ".yaml", ".yml", ".j2", ".csv", *CODE)
_STORES = ("langfuse://", "portkey://", "helicone://")
_KEYS = frozenset(
    (
        "id",
        "raw",
        "label",
        "config",
        "prefix",
        "suffix",
        "display",
        "function",
        "provider",
        "template",
        "content",
    )
)


@dataclass(slots=True)
class Written:
    """One prompt: ``names`` are what tests and providers may call it by, templates are still Nunjucks."""

    label: str
    messages: list[dict[str, Json]]
    names: tuple[str, ...] = ()
    config: Mapping[str, Json] = field(default_factory=dict)
    title: str = ""


def written_prompts(value: Json, files: Files) -> list[Written]:
    """All prompts of the key ``prompts``; what is none is told in the files' notes."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Mapping):  # the old form: path or text to label
        value = [{"raw": raw, "label": label} for raw, label in value.items()]
    if not isinstance(value, list):
        return []
    out: list[Written] = []
    for number, item in enumerate(value, 1):
        out += _Source(files, f"prompt {number}").prompts(item)
    return out


@dataclass(slots=True)
class _Source:
    files: Files
    what: str

    def prompts(self, item: Json) -> Iterator[Written]:
        if isinstance(item, str):
            yield from self._of_text(item, {})
            return
        if not isinstance(item, Mapping):
            self._note("fault", "is neither text nor a mapping")
            return
        for key in sorted(item.keys() - _KEYS):
            self._note("lost", f"{key}: prompts here have no such key")
        for key in ("display", "function", "provider"):
            if item.get(key) is not None:
                self._note("lost", f"{key}: prompts here have no such key")
        raw = item.get("raw") or item.get("template") or item.get("id")
        if "raw" not in item and isinstance(item.get("content"), str):
            self._note(
                "fault", "has its text under content, which promptfoo does not read; it was taken from there"
            )
            raw = item["content"]
        if isinstance(raw, list | Mapping):
            raw = json.dumps(raw, ensure_ascii=False)
        if not isinstance(raw, str) or not raw.strip():
            self._note("fault", "has no text; it needs raw, or an id that names a file")
            return
        for prompt in self._of_text(raw, item):
            self._around(prompt, item)
            yield prompt

    def _note(self, level: Level, why: str) -> None:
        self.files.notes.append(Note(level, self.what, why))

    def _around(self, prompt: Written, item: Mapping[str, Json]) -> None:
        for key, first in (("prefix", True), ("suffix", False)):
            text = item.get(key)
            if isinstance(text, str) and prompt.messages:
                message = prompt.messages[0 if first else -1]
                if isinstance(message.get("content"), str):
                    message["content"] = text + message["content"] if first else message["content"] + text

    def _of_text(self, raw: str, item: Mapping[str, Json]) -> Iterator[Written]:
        label = str(item["label"]) if isinstance(item.get("label"), str | int) else ""
        own = item.get("id") if isinstance(item.get("id"), str) else ""
        names = tuple(filter(None, (label, own)))
        config = item["config"] if isinstance(item.get("config"), Mapping) else {}
        if raw.startswith(_STORES):
            self._note("lost", f"{raw.split('?')[0]} lies in another tool; export it from there")
            return
        if raw.startswith("exec:") or (self._is_path(raw) and path_of(raw).lower().endswith(CODE)):
            self._note("lost", f"{path_of(raw)} makes the prompt by code, which is not run")
            return
        if not self._is_path(raw):
            yield from self._made(raw, label, (*names, raw), config, label)
            return
        for path in self.files.named(raw, self.what):
            yield from self._of_file(path, label, (*names, raw, path_of(raw)), config)

    def _of_file(
        self, raw: str, label: str, names: tuple[str, ...], config: Mapping[str, Json]
    ) -> Iterator[Written]:
        if path_of(raw).lower().endswith(CODE):
            self._note("lost", f"{path_of(raw)} makes the prompt by code, which is not run")
            return
        stem = posixpath.splitext(posixpath.basename(path_of(raw)))[0]
        texts = list(self._texts_of_file(raw))
        for number, (text, own_label) in enumerate(texts, 1):
            shown = own_label or label or (stem if len(texts) == 1 else f"{stem}-{number}")
            known = tuple(dict.fromkeys((*names, raw, path_of(raw))))
            yield from self._made(text, shown, known, config, own_label or label)

    def _is_path(self, raw: str) -> bool:
        if "\n" in raw:
            return False
        if raw.startswith("file://"):
            return True
        path = path_of(raw)
        if "{{" in path or " " in path.strip():
            return self.files.there(path) if path.endswith(_KNOWN) else False
        return path.endswith(_KNOWN) or ("/" in path and self.files.there(path))

    def _texts_of_file(self, raw: str) -> Iterator[tuple[str, str]]:
        text = self.files.text(raw, self.what)
        if text is None:
            return
        path = path_of(raw)
        if path.endswith(".csv"):
            rows = self.files.rows(text, path) if "," in text else []
            if not rows:
                lines = [line.strip() for line in text.split("\n") if line.strip()]
                yield from (
                    (line, "") for line in lines[1 if lines and lines[0].lower() == "prompt" else 0 :]
                )
            for row in rows:
                if row.get("prompt"):
                    yield str(row["prompt"]), str(row.get("label") or "")
        elif path.endswith(".jsonl"):
            yield from ((line, "") for line in text.split("\n") if line.strip())
        elif path.endswith(".txt"):
            yield from ((part.strip(), "") for part in _DIVIDER.split(text) if part.strip())
        elif path.endswith((".yaml", ".yml")):
            data, found = load_foreign(path, text.encode("utf-8", "replace"))
            self.files.notes += found
            yield (json.dumps(data, ensure_ascii=False) if isinstance(data, list | dict) else text), ""
        elif text.strip():
            yield text, ""
        else:
            self._note("fault", f"{path} is empty")

    def _made(
        self, text: str, label: str, names: tuple[str, ...], config: Mapping[str, Json], title: str
    ) -> Iterator[Written]:
        messages = self._messages(text)
        if messages:
            yield Written(label, messages, names, config, title)

    def _messages(self, text: str) -> list[dict[str, Json]]:
        data = _chat(text)
        if isinstance(data, Mapping) and isinstance(data.get("messages"), list):
            others = ", ".join(key for key in data if key != "messages")
            if others:
                self._note("lost", f"stands beside messages: {others}")
            data = data["messages"]
        if isinstance(data, list) and any(isinstance(item, Mapping) and "role" in item for item in data):
            return [made for number, item in enumerate(data, 1) for made in self._message(item, number)]
        if (
            data is None
            and text.lstrip().startswith(("[", "- role:"))
            and re.search(r"[\"']?role[\"']?\s*:", text)
        ):
            self._note(
                "lost", "makes its messages by a template; write them out, a loop over turns as a history"
            )
            return []
        return [{"role": "user", "content": text}] if text.strip() else []

    def _message(self, item: Json, number: int) -> Iterator[dict[str, Json]]:
        if not isinstance(item, Mapping):
            self._note("fault", f"message {number} is no mapping with role and content")
            return
        role = role_of(str(item.get("role")), self.files.notes)
        for key in item.keys() - {"role", "content"}:
            self._note("lost", f"message {number}: {key}: messages here have role and content")
        content = self._content(item.get("content"), number)
        if content:
            yield {"role": role, "content": content}
        else:
            self._note("lost", f"message {number} has no text")

    def _content(self, content: Json, number: int) -> Json:
        if isinstance(content, str):
            return content if content.strip() else None
        if not isinstance(content, list):
            return None if content is None else json.dumps(content, ensure_ascii=False)
        parts: list[Json] = []
        for part in content:
            made = {"text": part} if isinstance(part, str) and part.strip() else _part(part)
            if made is None:
                kind = part.get("type") if isinstance(part, Mapping) else "part"
                self._note("lost", f"message {number} holds a {kind}; parts here are text, image and file")
            else:
                parts.append(made)
        only = parts[0] if len(parts) == 1 else None
        return only["text"] if isinstance(only, Mapping) and "text" in only else parts


def _chat(text: str) -> Json:
    """The JSON or YAML that a text is, or None where it is prose."""
    begin = text.lstrip()[:6]
    if begin[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    if begin == "- role":
        data, found = load_foreign("prompt", text.encode("utf-8", "replace"))
        return None if any(note.level == "fault" for note in found) else data
    return None


def _part(part: Json) -> dict[str, Json] | None:
    if not isinstance(part, Mapping):
        return None
    text = part.get("text")
    if isinstance(text, str) and text.strip():
        return {"text": text}
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, Mapping) else image
    if isinstance(url, str) and url:
        return {"image": url}
    source = part.get("source")
    if part.get("type") == "image" and isinstance(source, Mapping):
        kind, data = source.get("media_type"), source.get("data") or source.get("url")
        if isinstance(data, str) and data:
            inline = source.get("type") == "base64" and isinstance(kind, str)
            return {"image": f"data:{kind};base64,{data}" if inline else data}
    return None
