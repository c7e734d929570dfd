"""Files named ``.prompt`` that are not dotprompt: what they are, and what of them can be read.

It must never take a file for another tool's on the strength of its name alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing import frontmatter
from registry.importing.foreign_yaml import load_foreign
from serve.core.model import Json

_TAG = re.compile(
    r"^[ \t]*<(?P<role>system|user|assistant)(?:\s[^>]*)?>\n?(?P<text>.*?)\n?[ \t]*</(?P=role)>[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_OPENED = re.compile(r"<(?:system|user|assistant)\b")
_MOST = 200
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
_GO = re.compile(r"\{\{-?\s*\.([A-Za-z_]\w*)\s*-?\}\}")
_LANGUAGE = re.compile(r"\A\s*init do\b")


def kin_of(parts: frontmatter.Parts) -> str | None:
    """Why a file is none that can be read here, or None."""
    if _LANGUAGE.match(parts.body) and parts.head is None:
        return (
            "is of the language dot-prompt (init do ... end), which is a program; paste what it compiles to"
        )
    if parts.head is not None or not re.match(r"\s*[A-Za-z]+:", parts.body):
        return None
    data, _ = load_foreign("body", parts.body.encode())
    if not isinstance(data, Mapping):
        return None
    if isinstance(data.get("prompts"), Mapping):
        return (
            "is YAML with prompts: system and user, in Liquid (DotPrompt for .NET), which is another format"
        )
    if isinstance(data.get("prompt"), str):
        return "is YAML with its text below prompt, which is another tool's format; a dotprompt file has it below ---"
    return None


def from_go(body: str) -> tuple[str, tuple[str, ...]]:
    """A body in Go's template language as Handlebars, where it does nothing but print fields; and their names."""
    names = tuple(dict.fromkeys(_GO.findall(body)))
    return (_GO.sub(r"{{\1}}", body), names) if names and "{{" not in _GO.sub("", body) else (body, ())


def tagged(body: str) -> list[dict[str, Json]]:
    """The messages of a body that is nothing but ``<system>``, ``<user>`` and ``<assistant>``; else none."""
    if len(_OPENED.findall(body)) > _MOST:
        return []
    found = list(_TAG.finditer(body))
    between = _TAG.sub("", body).strip()
    if not found or between:
        return []
    texts = [
        re.sub(r"(?m)^[ \t]+(?=\S)", "", each["text"]) if _is_indented(each["text"]) else each["text"]
        for each in found
    ]
    if any("{{" in _VARIABLE.sub("", text) for text in texts):
        return []
    return [
        {"role": each["role"], "content": _template(text.strip())}
        for each, text in zip(found, texts, strict=True)
        if text.strip()
    ]


def _is_indented(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return bool(lines) and all(line.startswith((" ", "\t")) for line in lines)


def _template(text: str) -> str:
    from registry.importing.templates.pieces import joined, tag
    from registry.importing.templates.pieces import text as plain

    out, position = [], 0
    for variable in _VARIABLE.finditer(text):
        out += [plain(text[position : variable.start()]), tag(f"{{{{ {variable[1]} }}}}")]
        position = variable.end()
    return joined([*out, plain(text[position:])])
