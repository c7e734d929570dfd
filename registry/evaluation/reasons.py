"""Why each answer of a run is asked for or not, and which part of its question changed since it was asked last.

What decides is the content address alone; this file only puts it into words. To name the part, the digests of the
parts of every question are kept beside the cache; without them a question is simply new.
It must never decide what runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from registry.evaluation.arms import RENDERING, Arm
from registry.evaluation.plan import Item
from registry.evaluation.records import ArmName
from serve.core.codec import to_json
from serve.core.digest import canonical, digest

How = Literal["asked", "cached", "same", "rendered", "refused"]
Parts = Mapping[str, str]
_Name = tuple[str, str, int]
_DIGITS = 12
_WORDS = {
    "inputs": "the case's inputs",
    "prompt": "the prompt",
    "parameters": "the parameters",
    "model": "the model",
    "engine": "the engine, its version, device or endpoint",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One wanted answer. ``changed`` names the parts that differ from ``since``; empty where none does."""

    suite: str
    case: str
    arm: ArmName
    index: int
    how: How
    why: str
    key: str
    changed: tuple[str, ...] = ()


class Memory:
    """The parts of the questions that head asked last, in a file; one that cannot be read is an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: dict[str, dict[str, str]] = {}
        try:
            held = json.loads(path.read_bytes())
            if all(isinstance(parts, dict) for parts in held.values()):
                self._parts = held
        except (OSError, ValueError, AttributeError):
            pass

    def of(self, name: _Name) -> Parts | None:
        """The parts of a question as it was asked last."""
        return self._parts.get(_address(name))

    def keep(self, questions: Mapping[_Name, Parts]) -> None:
        """Note how questions were asked this time; those of other suites stay."""
        self._parts |= {_address(name): dict(parts) for name, parts in questions.items()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._path.with_suffix(f".{os.getpid()}.making")  # runs side by side have one each
        scratch.write_bytes(canonical(self._parts))
        scratch.replace(self._path)


def questions(items: Iterable[Item], arms: Sequence[Arm], arm: ArmName = "head") -> dict[_Name, Parts]:
    """The parts of every question of an arm."""
    mine = [item for item in items if item.arm == arm]
    prompts = _prompts(arms, {item.suite.prompt for item in mine})
    engines: dict[int, str] = {}
    return {_name(item): _parts(item, prompts, engines) for item in mine}


def explain(
    items: Sequence[Item],
    arms: Sequence[Arm],
    known: Callable[[str], bool],
    memory: Memory,
    *,
    cached: bool = True,
) -> tuple[Reason, ...]:
    """The reason of every answer, in the order of the plan.

    Args:
        items: of the plan, before it is run.
        arms: head, or base and head.
        known: True for the content address of an answer that is there already.
        memory: how head was asked last.
        cached: False when no cache is looked at.
    """
    head, base = questions(items, arms), questions(items, arms, "base")
    first: dict[str, Item] = {}
    found: list[Reason] = []
    for item in items:
        name = _name(item)
        before = base.get(name) if item.arm == "head" else None
        since = "base" if before is not None else "the last run"
        before = before or memory.of(name)
        parts = head[name] if item.arm == "head" else base[name]
        changed = () if before is None else tuple(k for k in _WORDS if before.get(k) != parts[k])
        how, why = _told(item, first, known, cached=cached)
        if how in ("asked", "cached"):
            why = why or _why(how, changed, before, parts, since)
        found.append(
            Reason(item.suite.id, item.case.id, item.arm, item.index, how, why, item.prepared.key, changed)
        )
        first.setdefault(item.prepared.key, item)
    return tuple(found)


def _told(
    item: Item, first: Mapping[str, Item], known: Callable[[str], bool], *, cached: bool
) -> tuple[How, str]:
    if item.prepared.problem is not None:
        return "refused", item.prepared.problem
    if item.call is None:
        return "rendered", "no model is asked"
    twin = first.get(item.prepared.key)
    if twin is not None and twin.call is not None:
        return "same", f"the very question of {twin.arm} {twin.case.id}"
    if known(item.prepared.key):
        return "cached", ""
    return "asked", "" if cached else "--no-cache asks everything anew"


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
