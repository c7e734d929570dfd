"""The inputs of an imported prompt: what the file declares, completed by how its templates use them.

Our prompts know their greatest size before they are sent; no other format asks for that, so bounds are added
and told.
It must never leave a bound out, nor add one without a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from registry.importing.inference import Usage, usages
from registry.importing.port import Note
from registry.validation.lints.tpl002_output_too_large import LIMIT
from registry.validation.template_policy import examine
from serve.core.model import Json

BOUNDS = (
    (20_000, 100),
    (4_000, 40),
    (1_000, 20),
    (400, 10),
    (200, 5),
)  # of a text and of a list, the first that fits
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
_KEYS = frozenset((
    "type", "trust", "title", "description", "default", "examples", "enum", "const", "maxLength", "minLength",
    "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "items",
    "maxItems", "minItems", "uniqueItems", "properties", "required", "additionalProperties", "propertyNames",
    "maxProperties", "anyOf", "oneOf", "allOf",
))  # fmt: skip
_BOUNDED = "so that the prompt has a greatest size; set what your callers need"


def declared(
    templates: Iterable[str], written: Mapping[str, Mapping[str, Json]]
) -> tuple[dict[str, Json], tuple[Note, ...]]:
    """The inputs of a prompt, each with a type and bounds, and what was added or left out.

    The bounds are the widest of ``BOUNDS`` under which the whole prompt stays below the size that lint allows.

    Args:
        templates: the templates of all its messages, already in our Jinja2.
        written: the JSON Schema of each variable that the file declares; ``{}`` where it says nothing.
    """
    texts = tuple(templates)
    used = usages(texts)
    for bounds in BOUNDS:
        notes: list[Note] = []
        inputs = _Bounder(*bounds, notes).inputs(used, written)
        if sum(examine(text, inputs).bound or 0 for text in texts) <= LIMIT:
            break
    return inputs, tuple(notes)


@dataclass(slots=True)
class _Bounder:
    """Gives schemas the bounds they lack, and notes each."""

    max_length: int
    max_items: int
    notes: list[Note]

    def inputs(self, used: Mapping[str, Usage], written: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
        inputs: dict[str, Json] = {}
        for name in dict.fromkeys([*written, *used]):
            if not _NAME.fullmatch(name):
                self._note("fault", f"variable {name}", "is no plain name; rename it here and in callers")
            elif name not in used:
                self._note("lost", f"input {name}", "is declared but no message prints it")
            else:
                if name not in written:
                    why = "was not declared; its type is that of its use in the template"
                    self._note("changed", f"input {name}", why)
                inputs[name] = self._bounded(written.get(name, {}), used[name].schema(), f"input {name}")
        return inputs

    def _note(self, level: Literal["changed", "lost", "fault"], what: str, why: str) -> None:
        self.notes.append(Note(level, what, why))

    def _bounded(self, schema: Mapping[str, Json], use: Mapping[str, Json], path: str) -> Json:
        """A schema with the keys we know, a type and all bounds; ``use`` fills in what it leaves open."""
        kept = {key: value for key, value in schema.items() if key in _KEYS}
        for key in schema.keys() - kept.keys():
            self._note("lost", f"{path}: {key}", "inputs have no such key")
        if not {"type", "enum", "const", "anyOf", "oneOf"} & kept.keys():
            kept = {**use, **kept}
        kinds = kept.get("type", ())
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if "string" in kinds and not {"enum", "const"} & kept.keys():
            self._bound(kept, "maxLength", self.max_length, path)
        if "array" in kinds:
            kept["items"] = self._bounded(
                _mapping(kept.get("items")), _mapping(use.get("items")), f"{path}[]"
            )
            self._bound(kept, "maxItems", self.max_items, path)
        if "object" in kinds:
            kept |= self._closed(kept, use, path)
        for key in ("anyOf", "oneOf"):
            if key in kept:
                kept[key] = [self._bounded(option, use, path) for option in kept[key]]
        return kept

    def _bound(self, kept: dict[str, Json], key: str, bound: int, path: str) -> None:
        if key not in kept:
            kept[key] = bound
            self._note("changed", path, f"{key}: {bound} was added, {_BOUNDED}")

    def _closed(self, kept: Mapping[str, Json], use: Mapping[str, Json], path: str) -> dict[str, Json]:
        asked = _mapping(use.get("properties"))
        given = _mapping(kept.get("properties"))
        held = {
            name: self._bounded(_mapping(given.get(name)), _mapping(asked.get(name)), f"{path}.{name}")
            for name in dict.fromkeys([*given, *asked])
        }
        required = [name for name in (kept.get("required") or (() if given else asked)) if name in held]
        closed: dict[str, Json] = {"properties": held, "additionalProperties": False}
        return closed | ({"required": required} if required else {})


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
