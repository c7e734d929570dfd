"""The safe fixes of findings, put into their texts and read back.

A fix says which values it changes; a file in which anything else would differ is left as it is.
It must never touch a disk, nor put two edits into one place.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.authoring.parse import read_yaml
from registry.authoring.tree import PassedOver, Tree, WholeTree
from registry.diagnostics import Diagnostic, Edit, Fix
from serve.core.digest import sha256
from serve.core.model import Json

_YAML = (".yaml", ".yml")
_Wanted = tuple[Diagnostic, Fix]


class Overlay:
    """A tree with other texts in place of some of its files."""

    def __init__(self, tree: Tree, texts: Mapping[str, str]) -> None:
        self._tree = tree
        self._texts = texts
        self.commit: str | None = None
        self.committed_at = ""

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All files below a folder, sorted."""
        return self._tree.paths(prefix)

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """As of the tree below, with another stamp for each file that has another text."""
        stamps = self._tree.stamps(prefix)
        return {
            path: f"{stamp} {sha256(self._texts[path].encode())}" if path in self._texts else stamp
            for path, stamp in stamps.items()
        }

    def passed_over(self, prefix: str = "") -> tuple[PassedOver, ...]:
        """Links and repositories below a folder, where the tree below tells them."""
        return self._tree.passed_over(prefix) if isinstance(self._tree, WholeTree) else ()

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError, also for a link."""
        return self._texts[path].encode("utf-8") if path in self._texts else self._tree.read(path)


@dataclass(frozen=True, slots=True)
class Mended:
    """What fixes make of a tree: new texts by path, what was mended, and what could not be."""

    texts: Mapping[str, str]
    done: tuple[Diagnostic, ...]
    refused: tuple[Diagnostic, ...] = ()


def mend(tree: Tree, findings: Iterable[Diagnostic]) -> Mended:
    """The texts of a tree with all fixes in place that do not stand in each other's way."""
    by_path: dict[str, list[_Wanted]] = defaultdict(list)
    for finding in findings:
        if finding.fix is not None and finding.fix.edits:
            by_path[finding.fix.edits[0].path].append((finding, finding.fix))
    texts: dict[str, str] = {}
    done: list[Diagnostic] = []
    refused: list[Diagnostic] = []
    for path, wanted in by_path.items():
        before = tree.read(path).decode("utf-8")
        chosen = _apart(wanted)
        safe = _safe(path, before, chosen)
        refused += [finding for finding, fix in chosen if (finding, fix) not in safe]
        if safe:
            texts[path] = _with(before, safe)
            done += [finding for finding, _ in safe]
    return Mended(texts, tuple(done), tuple(refused))


def _safe(path: str, before: str, chosen: list[_Wanted]) -> list[_Wanted]:
    """All fixes of a file where they are safe together, else those that are safe one after the other."""
    if _is_safe(path, before, _with(before, chosen), [fix for _, fix in chosen]):
        return chosen
    safe: list[_Wanted] = []
    for each in chosen:
        tried = [*safe, each]
        if _is_safe(path, before, _with(before, tried), [fix for _, fix in tried]):
            safe = tried
    return safe


def _with(text: str, chosen: list[_Wanted]) -> str:
    return edited(text, (edit for _, fix in chosen for edit in fix.edits))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits in place, the last first, so that none moves another."""
    starts = [0]
    for row in text.split("\n"):
        starts.append(starts[-1] + len(row) + 1)
    for edit in sorted(set(edits), key=_span, reverse=True):
        begin = starts[edit.line - 1] + edit.column - 1
        end = starts[edit.end_line - 1] + edit.end_column - 1
        text = f"{text[:begin]}{edit.text}{text[end:]}"
    return text


def _apart(wanted: list[_Wanted]) -> list[_Wanted]:
    """The fixes that do not overlap an earlier one; those left out come with the next round."""
    taken: list[Edit] = []
    chosen: list[_Wanted] = []
    for finding, fix in wanted:
        if all(edit in taken or not any(_overlap(edit, other) for other in taken) for edit in fix.edits):
            taken += fix.edits
            chosen.append((finding, fix))
    return chosen


def _overlap(one: Edit, other: Edit) -> bool:
    return _span(one)[0] <= _span(other)[1] and _span(other)[0] <= _span(one)[1]


def _span(edit: Edit) -> tuple[tuple[int, int], tuple[int, int]]:
    return (edit.line, edit.column), (edit.end_line, edit.end_column)


def _is_safe(path: str, before: str, after: str, fixes: list[Fix]) -> bool:
    """True when the new text is read as before, but for the values that the fixes name."""
    if not path.endswith(_YAML):
        return True
    new, _ = read_yaml(path, after.encode("utf-8"))
    if new is None:
        return False
    old, _ = read_yaml(path, before.encode("utf-8"))
    changes = [steps for fix in fixes for steps in fix.changes]
    return old is None or repr(_without(old.data, changes)) == repr(_without(new.data, changes))


def _without(value: Json, changes: Iterable[tuple[str | int, ...]]) -> Json:
    """A value with a mark in place of what may differ, and without the keys that may come or go."""
    left = copy.deepcopy(value)
    for steps in changes:
        holder: Any = left
        for step in steps[:-1]:
            holder = _step(holder, step)
        if isinstance(holder, dict) and steps:
            holder.pop(steps[-1], None)
        elif isinstance(holder, list) and steps and isinstance(steps[-1], int) and steps[-1] < len(holder):
            holder[steps[-1]] = None
    return left


def _step(holder: Any, step: str | int) -> Any:
    if isinstance(holder, dict):
        return holder.get(step)
    return holder[step] if isinstance(holder, list) and isinstance(step, int) and step < len(holder) else None
