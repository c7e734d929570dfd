"""Nunjucks as promptfoo renders it, as our Jinja2: they are nearly one language, with other spellings.

Source: Nunjucks' template language; promptfoo turns its escaping off and keeps all line ends.
It must never change what a template prints; what has no equal form is left as it stands, for lint to name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from registry.importing.port import Note
from registry.importing.templates.jinja import Tag, tags, with_lines_kept
from registry.importing.templates.literal import literal
from serve.core.model import Json

_HALF_TAG = re.compile(r"(\{%[^%]*$|\{\{[^}]*$|\{#[^#]*$)", re.MULTILINE)
_RAW = re.compile(r"\{%\s*raw\s*%\}.*\{%\s*endraw\s*%\}", re.DOTALL)
_STRINGS = re.compile(r"(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')", re.DOTALL)
_EQUAL = (
    (re.compile(r"==="), "=="),
    (re.compile(r"!=="), "!="),
    (re.compile(r"(\{%[-+]?\s*)elseif\b"), r"\1elif"),
    (re.compile(r"\s*\|\s*safe\b"), ""),
    (re.compile(r"(?<=[\w\])])\.length\b"), " | length"),
    (re.compile(r"(?<=\w)\.trim\(\)"), " | trim"),
    (re.compile(r"(?<=\w)\.toUpperCase\(\)"), " | upper"),
    (re.compile(r"(?<=\w)\.toLowerCase\(\)"), " | lower"),
    (re.compile(r"(?<![\w.])(?:null|undefined)\b"), "none"),
    (re.compile(r"\bis\s+(?:null|none)\b"), "is none"),
)
_DUMP = re.compile(r"\|(\s*)dump\b(?:\s*\(\s*\d*\s*\))?")
_PLAIN = re.compile(r"\{\{-?\s*(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*-?\}\}")
_CONVERSATION = "_conversation"


def to_jinja(source: str, *, schemas: Mapping[str, Json] | None = None) -> tuple[str, tuple[Note, ...]]:
    """The template of ours that prints what this one prints.

    Args:
        source: a template of promptfoo.
        schemas: what is known of its variables; lists and objects among them print otherwise.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    if _HALF_TAG.search(text) and not _RAW.search(text):
        why = "has a tag that does not end on its line; promptfoo prints such a prompt as it stands"
        return literal(text), (Note("changed", "template", why),)
    found = tags(text)
    if found is None:
        return text, (Note("fault", "template", "has a tag that is never closed"),)
    notes: list[Note] = []
    template = _translated(text, found, schemas or {}, notes)
    if _CONVERSATION in text:
        why = "is promptfoo's own record of earlier turns; use a history here"
        notes.append(Note("lost", _CONVERSATION, why))
    return with_lines_kept(template, starts_message=False), tuple(dict.fromkeys(notes))


def _translated(text: str, found: Sequence[Tag], schemas: Mapping[str, Json], notes: list[Note]) -> str:
    out: list[str] = []
    position = 0
    for tag in found:
        whole = text[tag.start : tag.end]
        if tag.kind != "comment":
            whole = "".join(
                piece if number % 2 else _respelled(piece, notes)
                for number, piece in enumerate(_STRINGS.split(whole))
            )
            whole = _structured(whole, schemas, notes)
        out += [text[position : tag.start], whole]
        position = tag.end
    return "".join([*out, text[position:]])


def _respelled(code: str, notes: list[Note]) -> str:
    for pattern, ours in _EQUAL:
        code = pattern.sub(ours, code)
    if _DUMP.search(code):
        notes.append(Note("changed", "filter dump", "is tojson here, on one line with a space after , and :"))
        code = _DUMP.sub(r"|\1tojson", code)
    return code


def _structured(whole: str, schemas: Mapping[str, Json], notes: list[Note]) -> str:
    """A tag that prints a list or an object: JavaScript joins the one with commas and has no text for the other."""
    printed = _PLAIN.fullmatch(whole)
    if printed is None:
        return whole
    name = printed["name"]
    first, *rest = name.split(".")
    schema = schemas.get(first)
    for step in rest:
        schema = ((schema or {}).get("properties") or {}).get(step)
    kind = (schema or {}).get("type")
    if kind == "array" and (schema or {}).get("items", {}).get("type") not in ("array", "object"):
        return f'{{{{ {name} | join(",") }}}}'
    if kind not in ("array", "object"):
        return whole
    why = "is a list of objects or an object in the tests; it is JSON here, where Nunjucks prints [object Object]"
    notes.append(Note("changed", f"{{{{ {name} }}}}", why))
    return f"{{{{ {name} | tojson }}}}"
