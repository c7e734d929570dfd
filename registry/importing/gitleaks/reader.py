"""gitleaks' TOML as one set, with what was changed and what is lost.

Keywords, entropy, the secret's group and allow-lists are kept; so are where the rules come from and their
licence. Three comments at the head of the file may name those: ``# source:``, ``# revision:``, ``# licence:``.
It must never read a rule in a second way: what a rule means is decided in ``serve.core.guard``.

Source: gitleaks' configuration, https://github.com/gitleaks/gitleaks#configuration.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from registry.importing.gitleaks.rule import Shared, take
from registry.importing.port import Entry, Foreign, Imported, Note
from serve.core.guard.checks.port import Unusable, regex
from serve.core.model import Json

NAME = "gitleaks"
_OWN = "https://github.com/gitleaks/gitleaks"
_SAID = re.compile(r"^#\s*(source|revision|licence|license):\s*(\S.*?)\s*$", re.MULTILINE | re.IGNORECASE)
_STAGES = ("input", "context", "tool_call", "tool_result", "output")


def recognises(file: Foreign) -> bool:
    """True for TOML with rules that have a regex."""
    return file.path.endswith(".toml") and b"[[rules]]" in file.data and b"regex" in file.data


def read(file: Foreign, *, entry_id: str) -> Imported:
    """One guardrail set that redacts what the rules find."""
    try:
        data = tomllib.loads(file.data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Imported(file.path, NAME, (), (Note("fault", file.path, f"is not TOML: {error}"),))
    raw = [rule for rule in _list(data.get("rules")) if isinstance(rule, Mapping)]
    notes: list[Note] = []
    if "extend" in data:
        notes.append(Note("lost", "extend", "rules of another file; import that file too"))
    source = _source(data, file.data)
    shared = _shared(data, source, notes)
    rules: dict[str, Json] = {}
    for taken in (take(rule, shared) for rule in raw):
        notes += taken.notes
        if taken.data is None:
            continue
        if taken.data["id"] in rules:
            notes.append(Note("lost", f"rule {taken.data['id']}", "a second rule of that name"))
        else:
            rules[taken.data["id"]] = taken.data
    if not rules:
        return Imported(
            file.path, NAME, (), (*notes, Note("fault", file.path, "holds no rule that can be used"))
        )
    return Imported(file.path, NAME, (Entry("guardrail", entry_id, _set(data, source, rules)),), tuple(notes))


def _set(data: Mapping[str, Any], source: Mapping[str, Json], rules: Mapping[str, Json]) -> Json:
    title = str(data.get("description") or data.get("title") or "gitleaks")
    if source:
        title = f"{title.removesuffix(' config')} {source['rev']} ({source['licence']})"
    return {
        "promptyard": 1,
        "description": f"Secrets, by the rules of {title}.",
        "defaults": {"stages": list(_STAGES), "mode": "enforce", "onError": "closed"},
        "rules": list(rules.values()),
    }


def _source(data: Mapping[str, Any], raw: bytes) -> dict[str, Json]:
    """Where the rules come from, as far as the file says so; its digest where it names no revision."""
    said = {name.lower(): value for name, value in _SAID.findall(raw.decode("utf-8"))}
    own = data.get("title") == "gitleaks config" and b"gitleaks/gitleaks" in raw
    url, licence = said.get("source"), said.get("licence", said.get("license"))
    if own:
        url, licence = url or _OWN, licence or "MIT"
    if not url or not licence:
        return {}
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()[:16]}"
    return {"url": url, "licence": licence, "rev": said.get("revision", digest)}


def _shared(data: Mapping[str, Any], source: dict[str, Json], notes: list[Note]) -> Shared:
    listed = [*_list(data.get("allowlists")), *([data["allowlist"]] if "allowlist" in data else [])]
    allow: list[str] = []
    words: list[str] = []
    for one in listed:
        if one.get("paths") or one.get("commits"):
            notes.append(Note("lost", "allow-list of the file", "paths and commits; a text has neither"))
        if one.get("targetRules") or str(one.get("condition", "OR")).upper() in ("AND", "&&"):
            notes.append(
                Note("lost", "allow-list of the file", "one for some rules, or of several conditions")
            )
            continue
        for pattern in one.get("regexes", []):
            if _is_usable(pattern):
                allow.append(pattern)
            else:
                notes.append(Note("lost", "allow-list of the file", f"{pattern} is not an RE2 pattern"))
        words += one.get("stopwords", [])
    return Shared(tuple(allow), tuple(words), source)


def _is_usable(pattern: str) -> bool:
    try:
        regex(pattern)
    except Unusable:
        return False
    return True


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
