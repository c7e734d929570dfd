"""Every guardrail set that ships, over random texts in random pieces: the same comes out as of the whole, and how soon.

Each set is looked at twice: as it ships, and with every rule enforced and editing, so that nothing that a rule sees is
without effect. A text that differs is printed, for it is a mistake.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from benchmarks.guardrails import ROOT, varied
from benchmarks.measure import table
from registry.authoring.parse import read_yaml
from registry.authoring.sources.guardrail import GuardrailSource
from serve.core.codec import from_json
from serve.core.errors import BundleRefused
from serve.core.guard.engine import Guard, compile_guard
from serve.core.guard.given import Given
from serve.core.guard.normalise import read
from serve.core.model import Action, GuardrailSet, Rule, Stage

TEXTS, LONG = 1000, 200_000
GIVEN = Given(canary="py-9f3a7c51d2e84b60")  # that of the tests of the set against leaks
_SIZES = (1, 1, 2, 3, 5, 9, 17, 40)
_GLUE = (" ", "", "\n", ", ", "\u200b", ".", "é", "1", "@", "](", "e\u0301", "  ", "-", "😀")
_STAGES: tuple[Stage, ...] = ("output", "input", "context", "tool_result", "tool_call")


@dataclass(slots=True)
class Seen:
    """What all streams came to. ``held`` is the most that was held back of a text without any match."""

    differing: int = 0
    held: int = 0


def main() -> str:
    """The tables."""
    rows: list[tuple[object, ...]] = []
    for name, sets, texts in _families():
        stage = next(one for one in _STAGES if any(one in r.stages for s in sets for r in s.rules))
        acting = _changed(sets, edits)
        begun = time.thread_time()
        seen = proved(sets, stage, mixed(texts, TEXTS, Random(name)))
        rules = sum(stage in rule.rule.stages for rule in acting.rules)
        longest, spent = longest_match(acting, stage), time.thread_time() - begun
        held = (longest, seen.held) if longest else ("the whole", "the whole")
        rows.append((name, rules, 2 * TEXTS, seen.differing, *held, f"{spent:.0f}"))
    header = ("set", "rules", "streams", "differing", "longest match", "most held back", "s CPU")
    command = "python -m benchmarks guard_streams"
    return f"{table('Guardrails: random texts in random pieces', command, header, rows)}\n{_long()}"


def proved(sets: Sequence[GuardrailSet], stage: Stage, texts: Sequence[str]) -> Seen:
    """What is seen of texts that the rules of some sets look at in pieces."""
    shipped, acting, mild = compile_guard(sets), _changed(sets, edits), _changed(sets, without_refusal)
    found, chance = Seen(), Random(len(texts))
    for text in texts:
        edited = mild.check(text, stage, GIVEN).text
        untouched = not any(rule.look(read(text), 0, GIVEN)[0] for rule in acting.rules)
        for guard in (acting, shipped):
            whole, stream = guard.check(text, stage, GIVEN), guard.stream(stage, GIVEN)
            shown = ""
            for piece in _cut(text, chance):
                shown += stream.feed(piece)
                if untouched and guard is acting:
                    found.held = max(found.held, _size(text[stream.came - stream.held : stream.came]))
            tail, verdict = stream.finish()
            came_out = edited.startswith(shown) and not tail if whole.refused else shown + tail == whole.text
            if verdict != whole or not came_out:
                found.differing += 1
                print(f"differs: {text!r}")
    return found


def edits(rule: Rule) -> Rule:
    """The rule as if it were enforced and changed the text in its own place."""
    kept = rule.action if rule.action.kind in ("redact", "replace", "drop") else Action("redact", {})
    return replace(rule, mode="enforce", action=kept)


def without_refusal(rule: Rule) -> Rule:
    """The rule with an edit where it would refuse the text."""
    return replace(rule, action=Action("redact", {})) if rule.action.kind in ("block", "retry") else rule


def _changed(sets: Sequence[GuardrailSet], change: Callable[[Rule], Rule]) -> Guard:
    return compile_guard([replace(one, rules=tuple(map(change, one.rules))) for one in sets])


def longest_match(guard: Guard, stage: Stage) -> int | None:
    """The longest match of all rules that can change a stream, with what they look at before it; None for no bound."""
    rules = [rule for rule in guard.rules if stage in rule.rule.stages and rule.alters]
    if any(rule.waits for rule in rules):
        return None
    return max((rule.rule.stream.max_match or 0) + rule.detector.before for rule in rules)


def mixed(texts: Sequence[str], count: int, chance: Random) -> list[str]:
    """Texts made of some others: whole, broken off, disguised, glued together in many ways, ordinary text between."""
    ordinary, made = varied(), []
    for number in range(count):
        parts: list[str] = []
        for _ in range(chance.randint(1, 6)):
            part = chance.choice(texts)[:600] if number % 4 else ""
            how = chance.random()
            if how < 0.2:
                part = part[: chance.randint(0, len(part))]
            elif how < 0.3:
                part = "\u200b".join(part)
            elif how < 0.4:
                part = part[chance.randint(0, len(part)) :]
            elif how < 0.7:
                whole = chance.choice(ordinary)
                begin = chance.randrange(len(whole))
                part += whole[begin : begin + chance.randint(1, 300)]
            parts += (part, chance.choice(_GLUE))
        made.append("".join(parts))
    return made


def _families() -> Iterator[tuple[str, list[GuardrailSet], list[str]]]:
    all_sets: list[GuardrailSet] = []
    all_texts: list[str] = []
    for place in sorted((ROOT / "prompts/guardrails").glob("*.guardrail.yaml")):
        made = _read(place)
        if made is None:
            continue
        source, texts = made
        yield source.id, [source], texts
        all_sets.append(source)
        all_texts += texts
    bounded = [replace(s, rules=tuple(r for r in s.rules if r.stream.mode == "window")) for s in all_sets]
    yield "all but whole-text rules", bounded, all_texts


def _read(place: Path) -> tuple[GuardrailSet, list[str]] | None:
    document, _ = read_yaml(place.name, place.read_bytes())
    assert document is not None
    source = from_json(GuardrailSource, document.data)
    name = place.name.removesuffix(".guardrail.yaml")
    try:
        made = source.resolved(name)
        compile_guard([made])
    except BundleRefused:  # asks for what is not here
        return None
    return made, [test.text for rule in source.rules for test in rule.tests]


def _cut(text: str, chance: Random) -> Iterator[str]:
    place = 0
    while place < len(text):
        size = chance.choice(_SIZES)
        yield text[place : place + size]
        place += size


def _long() -> str:
    """Long streams in small pieces: twice the text takes twice the time."""
    *_, (_, sets, _) = _families()
    guard, text = compile_guard(sets), "".join(varied())
    text = (text * (LONG // len(text) + 1))[:LONG]
    rows = []
    for name, whole in {
        "documents": text,
        "`a@`": "a@" * (LONG // 2),
        "hidden": "a\u200b" * (LONG // 2),
    }.items():
        rows.append((name, *(f"{_fed_s(guard, whole[: LONG // part], 40):.1f}" for part in (4, 2, 1))))
    return table(
        "Guardrails: a stream in pieces of 40 characters, s CPU",
        "python -m benchmarks guard_streams",
        ("text", "50 kB", "100 kB", "200 kB"),
        rows,
    )


def _fed_s(guard: Guard, text: str, size: int) -> float:
    stream = guard.stream("output", GIVEN)
    begun = time.thread_time()
    for place in range(0, len(text), size):
        stream.feed(text[place : place + size])
    stream.finish()
    return time.thread_time() - begun


def _size(text: str) -> int:
    """Code points, of the text or of its copy, for some rules look at the one and some at the other."""
    return min(len(text), len(read(text).text))
