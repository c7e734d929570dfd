"""Why each answer of a run is asked for or not, and which part of its question changed since it was asked last.

What decides is the content address alone; this file only puts it into words. To name the part, the digests of the
parts of every question are kept beside the cache; without them a question is simply new.
It must never decide what runs.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from registry.evaluation.arms import RENDERING, Arm
from registry.evaluation.judges.foresight import Foreseen
from registry.evaluation.plan import Item
from registry.evaluation.records import ArmName
from registry.evaluation.shelf import Shelf
from serve.core.codec import to_json
from serve.core.digest import canonical, digest

How = Literal["asked", "cached", "same", "rendered", "refused"]
Parts = Mapping[str, str]
_Name = tuple[str, str, int]
_DIGITS = 12
_ANEW = "--no-cache asks everything anew, as --aa does"
_WORDS = {
    "inputs": "the case's inputs",
    "prompt": "the prompt",
    "parameters": "the parameters",
    "model": "the model",
    "engine": "the engine, its version, device or endpoint",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One wanted answer. ``changed`` names the parts that differ from ``since``; empty where none does.

    Of a question to a judge about the answer, ``judge`` is the model, ``check`` the type of the check that asks it,
    empty for the labelled answers that the judge is held against.
    """

    suite: str
    case: str
    arm: ArmName
    index: int
    how: How
    why: str
    key: str
    changed: tuple[str, ...] = ()
    judge: str | None = None
    check: str = ""


class Memory:
    """The parts of the questions that head asked last, in a file; one that cannot be read is an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: Shelf[bytes] = Shelf()
        self._file: sqlite3.Connection | None = None

    def of(self, name: _Name) -> Parts | None:
        """The parts of a question as it was asked last."""
        try:
            if self._file is None and self._path.is_file():
                self._file = sqlite3.connect(self._path, check_same_thread=False)
                weakref.finalize(self, self._file.close)
            if self._file is None:
                return None
            row = self._file.execute("SELECT parts FROM asked WHERE name = ?", (_address(name),)).fetchone()
            held = None if row is None else json.loads(row[0])
        except (sqlite3.Error, ValueError):
            return None
        return held if isinstance(held, dict) else None

    def note(self, questions: Mapping[_Name, Parts]) -> None:
        """Take in how questions are asked this time."""
        for name, parts in questions.items():
            self._noted[_address(name)] = canonical(dict(parts))

    def keep(self) -> None:
        """Write down what was noted; questions of other suites stay. A file that others hold is left as it is."""
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._write()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return  # held by another run, or no room: it would only have put reasons into words
            self._path.unlink(missing_ok=True)
            self._write()

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self) -> None:
        with contextlib.closing(sqlite3.connect(self._path)) as file, file:
            file.execute("CREATE TABLE IF NOT EXISTS asked (name TEXT PRIMARY KEY, parts BLOB) WITHOUT ROWID")
            file.executemany("REPLACE INTO asked VALUES (?, ?)", self._noted.items())


def questions(items: Iterable[Item], arms: Sequence[Arm], arm: ArmName = "head") -> dict[_Name, Parts]:
    """The parts of every question of an arm."""
    mine = [item for item in items if item.arm == arm]
    prompts = _prompts(arms, {item.suite.prompt for item in mine})
    engines: dict[int, str] = {}
    return {_name(item): _parts(item, prompts, engines) for item in mine}


class Explainer:
    """Tells the reasons of a plan, a chunk at a time, before it is run.

    Args:
        arms: head, or base and head.
        known: True for the content address of an answer that is there already.
        memory: how head was asked last.
        cached: False when no cache is looked at.
    """

    def __init__(
        self, arms: Sequence[Arm], known: Callable[[str], bool], memory: Memory, *, cached: bool = True
    ) -> None:
        self._arms = arms
        self._known = known
        self._memory = memory
        self._cached = cached
        self._first: Shelf[tuple[str, ArmName, str]] = Shelf()
        self._base: dict[_Name, Parts] = {}

    def reasons(self, items: Sequence[Item]) -> tuple[Reason, ...]:
        """The reason of every answer of a chunk, in the order of the plan."""
        head = questions(items, self._arms)
        fresh = questions(items, self._arms, "base")
        base = {**self._base, **fresh}  # a chunk may end between the arms of one case
        self._base = fresh
        found: list[Reason] = []
        for item in items:
            name = _name(item)
            before = base.get(name) if item.arm == "head" else None
            since = "base" if before is not None else "the last run"
            before = before or self._memory.of(name)
            parts = head[name] if item.arm == "head" else base[name]
            changed = () if before is None else tuple(k for k in _WORDS if before.get(k) != parts[k])
            how, why = self._told(item)
            if how in ("asked", "cached"):
                why = why or _why(how, changed, before, parts, since)
            found.append(
                Reason(
                    item.suite.id, item.case.id, item.arm, item.index, how, why, item.prepared.key, changed
                )
            )
        return tuple(found)

    def of_judge(self, foreseen: Foreseen) -> Reason:
        """The reason of a question to a judge, to be told behind that of the answer it is about."""
        item, judge, check = foreseen.item, foreseen.judge.model.id, foreseen.check
        how, why = self._told(item)
        if how == "cached":
            why = "what it said is kept"
        elif how == "asked" and not foreseen.sure:
            why = "the answer is still to come, so the number is the most there can be"
        elif how == "asked":
            why = why or "it never read this answer for this"
        told = f"judge {judge}, {check or 'labelled answers'}: {why}"
        key = item.prepared.key
        return Reason(
            item.suite.id, item.case.id, item.arm, item.index, how, told, key, judge=judge, check=check
        )

    def _told(self, item: Item) -> tuple[How, str]:
        if item.prepared.problem is not None:
            return "refused", item.prepared.problem
        if item.call is None:
            return "rendered", "no model is asked"
        twin = self._first.get(item.prepared.key)
        if twin is not None:
            return "same", _twinned(item, *twin)
        self._first[item.prepared.key] = (item.suite.id, item.arm, item.case.id)
        if self._known(item.prepared.key):
            return "cached", ""
        return "asked", "" if self._cached else _ANEW


def _twinned(item: Item, suite: str, arm: ArmName, case: str) -> str:
    if (suite, case) != (item.suite.id, item.case.id):
        return f"the very question of {arm} {case}"
    return "another sample asks the very same" if arm == item.arm else f"{arm} asks the very same"


def _why(how: How, changed: Sequence[str], before: Parts | None, parts: Parts, since: str) -> str:
    if before is None:
        return "its answer is kept" if how == "cached" else "new: never asked here before"
    told = " and ".join(_WORDS[name] for name in changed)
    if how == "asked":
        return f"{told} changed since {since}" if told else "unchanged, but no answer is kept"
    if told:
        return f"{told} changed since {since}, but this very question was answered before"
    if before.get("expect") != parts["expect"]:
        return "unchanged; its answer is kept and judged by the changed expectations"
    return "unchanged; its answer is kept"


def _name(item: Item) -> _Name:
    return (item.suite.id, item.case.id, item.index)


def _address(name: _Name) -> str:
    return " ".join(map(str, name))


def _prompts(arms: Sequence[Arm], wanted: Set[str]) -> dict[tuple[ArmName, str], str]:
    """The digest of what a prompt itself says, by arm and id: no model, no guardrails."""
    return {
        (arm.name, name): _short(
            [to_json(part) for part in (p.messages, p.inputs, p.output, p.tools, p.variants)]
        )
        for arm in arms
        for name, p in arm.live.prompts().items()
        if name in wanted
    }


def _parts(item: Item, prompts: Mapping[tuple[ArmName, str], str], engines: dict[int, str]) -> Parts:
    engine = item.engine
    if id(engine) not in engines:
        engines[id(engine)] = _short(to_json(engine.comparability() if engine is not None else RENDERING))
    call = item.call
    model = call.model if call is not None else None
    return {
        "inputs": _short([to_json(item.case.inputs), item.case.variant]),
        "prompt": prompts.get((item.arm, item.suite.prompt), ""),
        "parameters": _short(to_json(call.parameters) if call is not None else None),
        "model": _short([model.engine, model.model, to_json(model.weights)] if model is not None else None),
        "engine": engines[id(engine)],
        "expect": _short([to_json(each) for each in item.case.expect]),
    }


def _short(value: object) -> str:
    return digest(value)[:_DIGITS]
