"""Langfuse's text as templates of ours: its variables, and the prompts that it puts into each other.

Source: Langfuse replaces ``{{name}}`` alone, and ``@@@langfusePrompt:name=...@@@`` before that.
It must never read a tag of Jinja2 into what was text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from registry.importing.port import Note
from registry.importing.templates.pieces import Piece, joined, tag
from registry.importing.templates.pieces import text as plain
from serve.core.model import Json

_TOKEN = re.compile(r"@@@langfusePrompt:(?P<reference>[^@\n]*)@@@|\{\{\s*(?P<variable>[A-Za-z_]\w*)\s*\}\}")
_BRACES = re.compile(r"\{\{[^{}\n]*\}\}")
_DEPTH = 5
_RESERVED = frozenset((
    "true", "false", "none", "not", "and", "or", "in", "is", "if", "else", "loop", "self", "True", "False", "None",
))  # fmt: skip
Prompt = Mapping[str, Json]


class Library:
    """The prompts of one export; ``partials`` gathers those that others include, by path."""

    def __init__(
        self, versions: Mapping[str, Sequence[Prompt]], chosen: Mapping[str, Prompt], notes: list[Note]
    ) -> None:
        self._versions = versions
        self._chosen = chosen
        self._notes = notes
        self.partials: dict[str, str] = {}

    def template(self, text: str, name: str) -> str:
        """The template of a text of the prompt ``name``."""
        template = self._converted(text.replace("\r\n", "\n"), (name,))
        return f"{template}\n" if template.endswith("\n") else template  # a template loses its last line end

    def _converted(self, text: str, chain: tuple[str, ...]) -> str:
        pieces: list[Piece] = []
        position = 0
        for found in _TOKEN.finditer(text):
            pieces.append(self._plain(text[position : found.start()], chain[0]))
            position = found.end()
            if found["variable"] is not None and text[: found.start()].endswith("{"):
                why = "is read by each of Langfuse's SDKs in its own way; put a space between the braces"
                self._notes.append(Note("fault", f"{chain[0]}: {{{found[0]}", why))
            if found["variable"] is not None:
                pieces.append(tag(f"{{{{ {self._variable(found['variable'])} }}}}"))
            else:
                pieces += self._included(found, chain)
        return joined([*pieces, self._plain(text[position:], chain[0])])

    def _plain(self, text: str, name: str) -> Piece:
        for braces in _BRACES.findall(text):
            self._notes.append(
                Note("changed", f"{name}: {braces[:40]}", "is no variable of Langfuse; it stays text")
            )
        return plain(text)

    def _variable(self, name: str) -> str:
        free = name.lstrip("_") or "value"
        free = f"{free}_value" if free in _RESERVED else free
        if free != name:
            self._notes.append(
                Note("changed", f"variable {name}", f"is called {free} here, in files and in callers")
            )
        return free

    def _included(self, found: re.Match[str], chain: tuple[str, ...]) -> list[Piece]:
        wanted = dict(pair.partition("=")[::2] for pair in found["reference"].split("|"))
        name = wanted.get("name", "").strip()
        prompt = self._find(name, wanted)
        body = prompt.get("prompt") if prompt else None
        if not isinstance(body, str):
            why = "is not in this export" if prompt is None else "is a chat, which cannot stand in a text"
            self._notes.append(
                Note("lost", f"{chain[0]}: prompt {name}", f"{why}; its place holds the tag as text")
            )
            return [plain(found[0])]
        if name in chain or len(chain) > _DEPTH:
            self._notes.append(
                Note("fault", f"{chain[0]}: prompt {name}", "includes itself, or goes too deep")
            )
            return [plain(found[0])]
        inside = self._converted(body.replace("\r\n", "\n"), (*chain, name))
        if body != body.strip("\n") or not body or _beside_blanks(found):
            self._notes.append(Note("changed", f"{chain[0]}: prompt {name}", "was put in place"))
            return [tag(inside)]
        path = self._path(name, prompt or {})
        self.partials[path] = inside
        self._notes.append(Note("changed", f"{chain[0]}: prompt {name}", f"is the partial {path}"))
        return [tag(f'{{% include "{path}" %}}')]

    def _find(self, name: str, wanted: Mapping[str, str]) -> Prompt | None:
        for prompt in self._versions.get(name, ()):
            if "version" in wanted and str(prompt.get("version")) == wanted["version"].strip():
                return prompt
            if "label" in wanted and wanted["label"].strip() in (prompt.get("labels") or ()):
                return prompt
        return None if "version" in wanted or "label" in wanted else self._chosen.get(name)

    def _path(self, name: str, prompt: Prompt) -> str:
        slug = "/".join(
            re.sub(r"[^a-z0-9_]+", "-", step.lower()).strip("-") or "x" for step in name.split("/")
        )
        is_chosen = self._chosen.get(name) is prompt
        version = "" if is_chosen else f"-v{prompt.get('version')}"
        return f"partials/{slug}{version}.md"


def _beside_blanks(found: re.Match[str]) -> bool:
    """True for a tag that only blanks share its line with; as an include it would take them along."""
    before = found.string[: found.start()].rpartition("\n")[2]
    after = found.string[found.end() :].partition("\n")[0]
    return not (before + after).strip() and bool(before + after)


def placeholder_name(written: str, notes: list[Note]) -> str:
    """A placeholder's name as a history here has it."""
    name = re.sub(r"[^a-zA-Z0-9_]+", "_", written).lstrip("_0123456789") or "conversation"
    if name != written:
        notes.append(Note("changed", f"placeholder {written}", f"is the history {name} here"))
    return name
