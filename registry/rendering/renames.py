"""Entries that only moved: one that went and one that came with nearly the same content are one, renamed.

As Git does for files, by the share of equal lines; entries are compared as resolved, so it works for releases too.
It must never pair two entries of less than half the same lines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from registry.rendering.changes import KINDS, Change, entries, message_texts, reasons
from serve.core.codec import to_json
from serve.core.model import Bundle, Prompt

_ENOUGH = 0.5
_MOST_PAIRS = 40_000


def with_renames(changes: Sequence[Change], base: Bundle, head: Bundle) -> tuple[Change, ...]:
    """The changes, with each removal and addition that belong together told as one rename."""
    renamed = [change for kind in KINDS for change in _renames(kind, changes, base, head)]
    gone = {(change.kind, change.was) for change in renamed} | {
        (change.kind, change.id) for change in renamed
    }
    kept = [change for change in changes if change.what == "changed" or (change.kind, change.id) not in gone]
    return tuple(sorted([*kept, *renamed], key=lambda change: (KINDS.index(change.kind), change.id)))


def likeness(one: str, other: str) -> float:
    """The share of lines that two texts have in common, from 0 to 1."""
    ours, theirs = Counter(_lines(one)), Counter(_lines(other))
    most = max(ours.total(), theirs.total())
    return (ours & theirs).total() / most if most else 1.0


def best_pairs(gone: dict[str, str], came: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The pairs of texts, by their names, that are alike enough; each text is in one pair at most."""
    exact: dict[str, list[str]] = {}
    for name, text in sorted(gone.items(), reverse=True):
        exact.setdefault(text, []).append(name)
    same = {name: exact[text].pop() for name, text in sorted(came.items()) if exact.get(text)}
    yield from ((old, new) for new, old in same.items())
    matched = set(same.values())
    left = {name: text for name, text in gone.items() if name not in matched}
    came = {name: text for name, text in came.items() if name not in same}
    if len(left) * len(came) > _MOST_PAIRS:
        return
    alike = ((likeness(old, new), one, other) for one, old in left.items() for other, new in came.items())
    yield from _greedy(
        sorted((pair for pair in alike if pair[0] >= _ENOUGH), key=lambda it: (-it[0], *it[1:]))
    )


def _greedy(pairs: Iterable[tuple[float, str, str]]) -> Iterator[tuple[str, str]]:
    used: set[tuple[str, str]] = set()
    for _, old, new in pairs:
        if ("old", old) not in used and ("new", new) not in used:
            used |= {("old", old), ("new", new)}
            yield old, new


def _renames(kind: Any, changes: Sequence[Change], base: Bundle, head: Bundle) -> Iterator[Change]:
    before, after = entries(base, kind), entries(head, kind)
    mine = [change for change in changes if change.kind == kind]
    gone = {change.id: _text(before[change.id]) for change in mine if change.what == "removed"}
    came = {change.id: _text(after[change.id]) for change in mine if change.what == "added"}
    for old, new in best_pairs(gone, came):
        yield Change("renamed", kind, new, reasons(kind, before[old], after[new]), old)


def _text(entry: Any) -> str:
    told = {key: value for key, value in to_json(entry).items() if key not in ("id", "messages", "variants")}
    texts = message_texts(entry.messages).values() if isinstance(entry, Prompt) else ()
    return "\n".join([*texts, json.dumps(told, ensure_ascii=False, indent=0, sort_keys=True)])


def _lines(text: str) -> list[str]:
    return [
        line.strip() for line in text.split("\n") if line.strip() not in ("", "{", "}", "},", "[", "]", "],")
    ]
