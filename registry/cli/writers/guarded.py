"""What guardrails say of a text, for a person and for a program: rule, place, and what would be done.

It must never write the text, or a piece of it, unless it was asked to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from registry.authoring.extending import Taken
from registry.authoring.sources.guardrail import RuleSource
from registry.cli.writers.changes import visible
from serve.core.codec import to_json
from serve.core.guard.units import Unit
from serve.core.guard.verdict import Hit, Verdict
from serve.core.model import Json, Rule, Stage

_LONGEST = 80
_DONE = {
    "pass": "nothing would be done",
    "flag": "the text would go on, with a flag",
    "drop": "the matched parts would be dropped",
    "redact": "the matched parts would be covered",
    "replace": "the matched parts would be replaced",
    "retry": "the model would have to answer again",
    "block": "the text would be refused",
}
_STYLES = {"pass": "good", "flag": "info", "retry": "error", "block": "error"}


@dataclass(frozen=True, slots=True)
class Look:
    """A match of one rule; ``allowed`` says that the rule's own conditions let it through."""

    start: int
    end: int
    outer: tuple[int, int]
    detail: str
    allowed: bool


def write_verdict(console: Console, name: str, text: str, verdict: Verdict, *, show: bool) -> None:
    """Print one line for each hit and one for the verdict; what was matched stands below where it is asked for."""
    lines = _Lines(text)
    for hit in verdict.hits:
        mode = " (shadow)" if hit.mode == "shadow" else ""
        line = Text.assemble(
            (f"{name}:{lines.place(hit.start)}", "path"), f" {hit.end - hit.start} characters "
        )
        line.append(hit.rule, "code")
        line.append(f" of {hit.set} · {hit.severity} · {hit.action}{mode}")
        line.append(f" · {visible(hit.detail)}" if hit.detail else "", "dim")
        console.print(line, soft_wrap=True)
        if show:
            _write_piece(console, text, hit.start, hit.end)
    for rule in verdict.errors:
        console.print(Text(f"{name}: rule {rule} could not be evaluated", "error"), soft_wrap=True)
    decided = f" by {verdict.rule}" if verdict.rule else ""
    told = Text.assemble((verdict.action, _STYLES.get(verdict.action, "warning")), decided)
    told.append(f": {_DONE[verdict.action]}", "dim")
    console.print(told, soft_wrap=True)


def verdict_json(
    text: str, verdict: Verdict, stage: Stage, rules: int, *, show: bool, units: Unit = "code-points"
) -> Json:
    """A verdict as JSON, without the text unless it is asked for; ``start`` and ``end`` are counted in ``units``."""
    lines = _Lines(text)
    report: dict[str, Json] = {
        "stage": stage,
        "rules": rules,
        "action": verdict.action,
        "rule": verdict.rule or None,
        "errors": list(verdict.errors),
        "units": units,
        "hits": [
            {**_hit_json(text, lines, hit, show), "start": told.start, "end": told.end}
            for hit, told in zip(verdict.hits, verdict.counted(text, units).hits, strict=True)
        ],
    }
    return {**report, "text": verdict.text} if show else report


def write_rule(console: Console, set_id: str, taken: Taken) -> None:
    """Print what there is to know of a rule, as a set has it."""
    rule = taken.rule
    console.print(
        Text.assemble((rule.id, "code"), f" of {set_id}", (f" · {rule.title}", "dim")), soft_wrap=True
    )
    for label, value in (*_descent(set_id, taken), *_facts(taken.source, rule)):
        console.print(Text.assemble((f"{label:<10} ", "dim"), visible(value)), soft_wrap=True)


def write_looks(console: Console, name: str, text: str, looks: Sequence[Look], *, show: bool) -> None:
    """Print every match of a rule, those that it lets through too."""
    lines = _Lines(text)
    for look in looks:
        style, said = ("good", "let through") if look.allowed else ("error", "hit")
        line = Text.assemble((f"{name}:{lines.place(look.start)}", "path"), " ", (said, style))
        line.append(f" {look.end - look.start} characters")
        line.append(f" · {visible(look.detail)}" if look.detail else "", "dim")
        console.print(line, soft_wrap=True)
        if show:
            _write_piece(console, text, look.start, look.end)
    if not looks:
        console.print("it matches nowhere", style="dim")


def rule_json(set_id: str, taken: Taken, text: str | None, looks: Sequence[Look], *, show: bool) -> Json:
    """A rule as a release holds it, its tests counted, and its matches where a text was given."""
    source = taken.source
    counted = {expect: sum(test.expect == expect for test in source.tests) for expect in ("hit", "pass")}
    told: dict[str, Json] = {
        "set": set_id,
        "rule": to_json(taken.rule),
        "writtenIn": taken.origin,
        "overriddenBy": list(taken.overridden_by),
        "source": None if source.source is None else to_json(source.source),
        "tests": counted,
        "knownGaps": [test.known_gap for test in source.tests if test.known_gap],
    }
    if text is None:
        return told
    lines = _Lines(text)
    return {**told, "matches": [_look_json(text, lines, look, show) for look in looks]}


def _descent(set_id: str, taken: Taken) -> Iterator[tuple[str, str]]:
    if taken.origin != set_id:
        yield "written in", taken.origin
    if taken.overridden_by:
        yield "overridden", f"by {', '.join(taken.overridden_by)}"
    for each in taken.rule.except_:
        where = [f"{key} {value}" for key, value in each.segment.items()]
        where += [f"{len(each.texts)} text{'s' * (len(each.texts) > 1)}"] if each.texts else []
        holds = f"except for {', '.join(where)}" if where else "switched off"
        yield "exception", f"{holds} until {each.until}, {each.owner}: {each.reason}"


def _facts(source: RuleSource, rule: Rule) -> Iterator[tuple[str, str]]:
    yield "kind", rule.kind
    yield "looks at", ", ".join(rule.stages)
    until = f" until {rule.shadow_until}" if rule.shadow_until else ""
    yield "mode", f"{rule.mode}{until}, severity {rule.severity}"
    yield "does", f"{rule.action.kind} {to_json(rule.action.options) or ''}".strip()
    yield "if broken", "the text counts as hit" if rule.on_error == "closed" else "the text passes"
    held = (
        f"holds back {rule.stream.max_match} characters"
        if rule.stream.mode == "window"
        else "waits for the end"
    )
    yield "on streams", held
    yield from (("tags", ", ".join(rule.tags)),) if rule.tags else ()
    for key, value in rule.detect.items():
        yield key, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if source.source is not None:
        at = f" at {source.source.rev}" if source.source.rev else ""
        yield "from", f"{source.source.url}{at}, {source.source.licence}"
    hits = sum(test.expect == "hit" for test in source.tests)
    yield "tests", f"{hits} to be hit, {len(source.tests) - hits} to pass"
    yield from (("known gap", test.known_gap) for test in source.tests if test.known_gap)


def _hit_json(text: str, lines: _Lines, hit: Hit, show: bool) -> Json:
    place = {**_where(lines, hit.start, hit.end), "rule": hit.rule, "set": hit.set, "severity": hit.severity}
    told = {**place, "action": hit.action, "mode": hit.mode, "detail": hit.detail, "failed": hit.failed}
    return {**told, "matched": text[hit.start : hit.end]} if show else told


def _look_json(text: str, lines: _Lines, look: Look, show: bool) -> Json:
    told = {**_where(lines, look.start, look.end), "hit": not look.allowed, "detail": look.detail}
    return {**told, "matched": text[look.start : look.end]} if show else told


def _where(lines: _Lines, start: int, end: int) -> dict[str, Json]:
    line, column = lines.of(start)
    return {"start": start, "end": end, "line": line, "column": column}


def _write_piece(console: Console, text: str, start: int, end: int) -> None:
    piece = text[start:end] if end - start <= _LONGEST else text[start : start + _LONGEST] + "…"
    console.print(Text(f"    {visible(piece)}"), soft_wrap=True)


class _Lines:
    """Lines and columns of code points, both from 1."""

    def __init__(self, text: str) -> None:
        self._begins = [0, *(place + 1 for place, sign in enumerate(text) if sign == "\n")]

    def of(self, place: int) -> tuple[int, int]:
        line = bisect_right(self._begins, place)
        return line, place - self._begins[line - 1] + 1

    def place(self, place: int) -> str:
        line, column = self.of(place)
        return f"{line}:{column}"
