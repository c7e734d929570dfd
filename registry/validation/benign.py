"""Texts that hold nothing to guard, and how many of them the guardrail sets beside them take for a hit.

A rule that finds more is only better if it does not take more for a hit that is none. The count of each set is
recorded beside the texts, and it may not rise.
It must never count a rule that asks for a shape of the whole text, or asks a model: no text is harmless to those.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from registry.authoring.tree import Tree
from serve.core.guard.engine import compile_guard
from serve.core.model import GuardrailSet

FOLDER, RECORD = "benign", "alarms.json"
_BETWEEN = "%%"
_LOOKING = frozenset({"pattern", "literals", "url", "unicode"})


@dataclass(frozen=True, slots=True)
class Benign:
    """One harmless text: the file and line that it begins in."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule that takes a harmless text for a hit; ``start`` and ``end`` are code points of the text."""

    set: str
    rule: str
    benign: Benign
    start: int
    end: int


def benign_texts(tree: Tree, folder: str) -> list[Benign]:
    """The texts of all ``*.txt`` files in a folder; a line ``%%`` stands between two of a file."""
    found: list[Benign] = []
    for path in tree.paths(folder):
        if path.endswith(".txt"):
            found += _texts(path, tree.read(path).decode("utf-8"))
    return found


def alarms(sets: Iterable[GuardrailSet], texts: Sequence[Benign]) -> Iterator[Alarm]:
    """Every rule of every stage on every text, in shadow or not: the first hit of each rule in each text."""
    for guardrails in sets:
        rules = (rule for rule in guardrails.rules if rule.kind in _LOOKING)
        guard = compile_guard(
            [replace(guardrails, rules=tuple(replace(r, stages=("input",)) for r in rules))]
        )
        for each in texts:
            first = {hit.rule: hit for hit in reversed(guard.check(each.text, "input").hits)}
            for name, hit in sorted(first.items()):
                yield Alarm(guardrails.id, name, each, hit.start, hit.end)


def counted(found: Iterable[Alarm]) -> Mapping[str, int]:
    """How many texts each set takes for a hit; a set that takes none is left out."""
    return Counter(name for name, _ in {(alarm.set, alarm.benign) for alarm in found})


def recorded(tree: Tree, folder: str) -> Mapping[str, int]:
    """The counts that were recorded beside the texts; empty where none were.

    Raises:
        ValueError: when the record is not an object of counts.
    """
    try:
        told = json.loads(tree.read(f"{folder}/{RECORD}"))
    except FileNotFoundError:
        return {}
    if not isinstance(told, dict) or not all(type(count) is int for count in told.values()):
        raise ValueError(f"{folder}/{RECORD} is not an object of counts")
    return told


def record(counts: Mapping[str, int]) -> str:
    """The counts as they are recorded."""
    return json.dumps(dict(sorted(counts.items())), indent=2) + "\n"


def risen(counts: Mapping[str, int], before: Mapping[str, int]) -> Mapping[str, tuple[int, int]]:
    """Sets with more alarms than were recorded: the count of then, and of now."""
    names = sorted(name for name in counts if counts[name] > before.get(name, 0))
    return {name: (before.get(name, 0), counts[name]) for name in names}


def _texts(path: str, whole: str) -> Iterator[Benign]:
    rows = [*whole.split("\n"), _BETWEEN]
    first = 0
    for number, row in enumerate(rows):
        if row != _BETWEEN:
            continue
        text = "\n".join(rows[first:number]).removesuffix("\n")
        if text.strip():
            yield Benign(path, first + 1, text)
        first = number + 1
