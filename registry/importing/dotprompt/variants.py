"""Variants: ``name.short.prompt`` beside ``name.prompt``, which are one prompt here, told apart message by message.

It must never merge what a variant here cannot hold: other inputs, another answer, messages that have no counterpart.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from registry.importing.port import Entry, Foreign, Imported, Note

SUFFIX = ".prompt"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_BOUNDS = ("maxLength", "maxItems", "maxProperties")
_SAME = ("output", "tools")


def base_of(file: Foreign) -> tuple[Foreign, str] | None:
    """The file of which this one is a variant, and the variant's name; None where there is none."""
    stem = posixpath.basename(file.path).removesuffix(SUFFIX)
    base, _, name = stem.rpartition(".")
    data = file.sibling(f"{base}{SUFFIX}") if base and _NAME.match(name) else None
    if data is None:
        return None
    path = posixpath.join(posixpath.dirname(file.path), f"{base}{SUFFIX}")
    return replace(file, path=path, data=data), name


def variants_of(file: Foreign) -> dict[str, Foreign]:
    """The files that are variants of this one, by the variant's name."""
    stem = posixpath.basename(file.path).removesuffix(SUFFIX)
    found: dict[str, Foreign] = {}
    for path in file.matching(f"{stem}.*{SUFFIX}"):
        name = path.removeprefix(f"{stem}.").removesuffix(SUFFIX)
        data = file.sibling(path)
        if _NAME.match(name) and data is not None:
            whole = posixpath.join(posixpath.dirname(file.path), path)
            found[name] = replace(file, path=whole, data=data)
    return found


def joined(base: Imported, arms: Mapping[str, Imported]) -> tuple[Imported, dict[str, str]]:
    """The base with the variants that it can hold, and why each of the others is a prompt of its own."""
    refused: dict[str, str] = {}
    prompt = _prompt(base)
    held: dict[str, Entry] = {}
    for name, arm in arms.items():
        other = _prompt(arm)
        why = "of its faults" if prompt is None or other is None else _why_not(prompt.data, other.data)
        if why:
            refused[name] = why
        elif other is not None:
            held[name] = other
    if prompt is None or not held:
        return base, refused
    data = _with_variants(prompt.data, {name: entry.data for name, entry in held.items()})
    others = [entry for entry in base.entries if entry is not prompt]
    for name in held:
        others += [each for each in arms[name].entries if each.kind == "model" and each not in others]
    notes = [
        replace(note, what=f"variant {name}: {note.what}")
        for name in held
        for note in arms[name].notes
        if note not in base.notes
    ]
    stem = posixpath.basename(base.path).removesuffix(SUFFIX)
    notes += [
        Note("changed", f"{stem}.{name}{SUFFIX}", f"is the variant {name} of this prompt") for name in held
    ]
    return replace(base, entries=(replace(prompt, data=data), *others), notes=(*base.notes, *notes)), refused


def _prompt(imported: Imported) -> Entry | None:
    return next((entry for entry in imported.entries if entry.kind == "prompt"), None)


def _why_not(base: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Why a variant cannot hold what differs; empty where it can."""
    if _kinds(base["messages"]) != _kinds(other["messages"]):
        return "its messages are not those of the base, one for one"
    for key in _SAME:
        if base.get(key) != other.get(key):
            return f"it has {key} of its own"
    asked, known = other.get("inputs", {}), base.get("inputs", {})
    if more := sorted(asked.keys() - known.keys()):
        return f"it asks for {', '.join(more)}, which the base does not"
    unlike = [name for name in asked if _unbounded(asked[name]) != _unbounded(known[name])]
    return f"it declares {', '.join(unlike)} in another way" if unlike else ""


def _kinds(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    return [item.get("role") or f"history {item['history']}" for item in messages]


def _unbounded(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in (*_BOUNDS, "description")}


def _with_variants(base: Mapping[str, Any], arms: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    names = _ids(base["messages"])
    used: set[str] = set()
    variants: dict[str, Any] = {}
    for arm, data in arms.items():
        pairs = zip(names, base["messages"], data["messages"], strict=True)
        messages = {name: new["content"] for name, old, new in pairs if name and new != old}
        used |= messages.keys()
        variants[arm] = _differing(base, data) | ({"messages": messages} if messages else {})
    listed = [
        {"id": name, **item} if name in used else item
        for name, item in zip(names, base["messages"], strict=True)
    ]
    inputs = {name: _narrowest(name, schema, arms) for name, schema in base.get("inputs", {}).items()}
    kept = {key: value for key, value in base.items() if key != "inputs"}
    made = {**kept, **({"inputs": inputs} if inputs else {}), "messages": listed, "variants": variants}
    order = [*(key for key in base if key != "tools"), "tools", "variants"]
    return {key: made[key] for key in order if key in made}


def _ids(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """A name for each message: its role, numbered where several have it; none for a history."""
    seen: Counter[str] = Counter()
    names = []
    for item in messages:
        role = item.get("role", "")
        seen[role] += 1
        names.append(role if seen[role] == 1 or not role else f"{role}-{seen[role]}")
    return names


def _differing(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The model and the parameters of a variant, where they are not the base's."""
    own: dict[str, Any] = {}
    if data["model"] != base["model"]:
        own["model"] = data["model"]
    parameters = data.get("modelParameters", {})
    changed = {
        key: value
        for key, value in parameters.items()
        if base.get("modelParameters", {}).get(key, _SAME) != value
    }
    return own | ({"modelParameters": changed} if changed else {})


def _narrowest(name: str, schema: Mapping[str, Any], arms: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The schema of an input with the smallest bounds that any of the files gives it."""
    made = dict(schema)
    for data in arms.values():
        other = data.get("inputs", {}).get(name, {})
        made |= {key: min(made[key], other[key]) for key in _BOUNDS if key in made and key in other}
    return made
