"""A review for a person at a terminal: what changed and why, the words, what a call costs.

The words stand in colour, or in the marks of Git's word diff where there is none.
It must never let a prompt's text steer the terminal: what cannot be seen is written out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from math import inf

from rich.console import Console
from rich.text import Text

from registry.rendering import amounts
from registry.rendering.costs import Cost, CostChange
from registry.rendering.readings import Edit, TextChange
from registry.rendering.review import Review, Reviewed
from registry.rendering.words import Line

SIGNS = {"added": "+", "removed": "-", "changed": "~", "renamed": "R"}
_STYLES = {"added": "added", "removed": "removed", "changed": "warning", "renamed": "info"}
_MOST_TEXTS = 40
_MOST_CASES = 3
_JOINER = "\u200d"


def write_review(console: Console, review: Review) -> None:
    """Print every change, those that cost a quarter more first in the eye."""
    seen: dict[Edit, str] = {}
    hidden = 0
    for entry in review.entries:
        as_above = _shown_above(entry, seen)
        console.print(
            _head(entry).append(f"  as in {as_above} above" if as_above else "", "dim"), soft_wrap=True
        )
        for cost in entry.costs:
            if cost.moved:
                console.print(_cost_line(cost), soft_wrap=True)
        hidden += 0 if as_above else _write_texts(console, entry, seen)
    if hidden:
        console.print(Text(f"and {hidden} more messages; --json names all", "dim"), soft_wrap=True)


def visible(text: str) -> str:
    """A text in which every character can be seen: controls and marks of direction by their number."""
    return "".join(char if _harmless(char) else f"\\u{{{ord(char):x}}}" for char in text)


def cases_told(text: TextChange, cases: int) -> str:
    """Which cases read so, in a few words; nothing where it is the template that is shown."""
    if not text.cases:
        return ""
    named = ", ".join(text.cases[:_MOST_CASES]) + (", …" if len(text.cases) > _MOST_CASES else "")
    return f"{len(text.cases)} of {cases} case{'' if cases == 1 else 's'}: {named}"


def tokens_told(cost: CostChange) -> str:
    """The tokens of a prompt, before and after."""
    new = _tokens(cost.new)
    if cost.old is None or cost.old.tokens == cost.new.tokens:
        return new
    return f"{_tokens(cost.old)} → {new} ({percent(cost.tokens_rise)})"


def cost_told(cost: CostChange) -> str:
    """The cost of a call, before and after; nothing where no price is known."""
    new = money(cost.new)
    if cost.old is None or (money(cost.old) == new and not cost.cost_rise):
        return new
    if cost.new.cost == inf:
        return f"{money(cost.old)} → no limit"
    rise = "" if cost.cost_rise is None else f" ({percent(cost.cost_rise)})"
    return f"{money(cost.old) or 'no price'} → {new or 'no price'}{rise}"


def money(cost: Cost) -> str:
    """What a call costs; nothing where no price is known."""
    return "" if cost.cost is None else amounts.money(cost.cost, cost.currency)


def percent(rise: float | None) -> str:
    """A share as a signed percentage."""
    if rise is None:
        return ""
    if rise == inf:
        return "from nothing"
    return (f"{rise:+.0%}" if abs(rise) >= 0.01 else f"{rise:+.1%}").replace("%", " %")


def _tokens(cost: Cost) -> str:
    return f"{'' if cost.exact else '≈'}{cost.tokens:,.0f}"


def _head(entry: Reviewed) -> Text:
    change = entry.change
    name = f"{change.was} → {change.id}" if change.was else change.id
    lead = Text(f"{SIGNS[change.what]} {change.kind} {visible(name)}", _STYLES[change.what])
    return lead.append(f"  ({visible(', '.join(change.reasons))})" if change.reasons else "", "dim")


def _cost_line(cost: CostChange) -> Text:
    arm = f"variant {cost.variant}: " if cost.variant else ""
    each = "" if cost.new.whole or cost.new.cost is None else " for the prompt alone"
    told = f"{tokens_told(cost)} tokens" + (f", {cost_told(cost)} a call{each}" if cost_told(cost) else "")
    alarm = Text("  ▲ a quarter more or above", "error") if cost.jumps else Text("")
    line = Text(f"    {arm}{told}", "error" if cost.jumps else "dim").append_text(alarm)
    return line if cost.cases else line.append("  (no case fits: with the emptiest inputs)", "dim")


def _shown_above(entry: Reviewed, seen: Mapping[Edit, str]) -> str:
    """The prompt whose words were shown already, where this one has no others."""
    reading = entry.reading
    if reading is None or not reading.texts or reading.refused:
        return ""
    known = [seen.get(text.edit, "") for text in reading.texts]
    return known[0].partition(",")[0] if all(known) else ""


def _write_texts(console: Console, entry: Reviewed, seen: dict[Edit, str]) -> int:
    """Print how a prompt reads; an edit that stands above already is pointed to. Gives how many were hidden."""
    reading, hidden = entry.reading, 0
    for text in reading.texts if reading is not None else ():
        told = cases_told(text, reading.cases if reading is not None else 0)
        where = f"    {text.name}" + (f", in {told}" if told else "")
        if text.edit in seen:
            console.print(Text(f"{where}: as in {seen[text.edit]} above", "dim"), soft_wrap=True)
        elif len(seen) >= _MOST_TEXTS:
            hidden += 1
        else:
            seen[text.edit] = f"{entry.change.id}, {text.name}"
            console.print(Text(where, "dim"), soft_wrap=True)
            _write_lines(console, text.lines)
    for case, why in reading.refused[:_MOST_CASES] if reading is not None else ():
        console.print(
            Text(f"    case {case} is not rendered on both sides: {visible(why)}", "warning"), soft_wrap=True
        )
    return hidden


def _write_lines(console: Console, lines: tuple[Line | None, ...]) -> None:
    marked = console.no_color or not console.is_terminal
    for line in lines:
        console.print(_line(line, marked=marked), soft_wrap=True)


def _line(line: Line | None, *, marked: bool) -> Text:
    out = Text("    ")
    if line is None:
        return out.append("⋯", "dim")
    for piece in line:
        words = visible(piece.text.replace("\n", "" if piece.side == "both" else "↵"))
        if piece.side == "both":
            out.append(words)
        elif piece.side == "old":
            out.append(f"[-{words}-]" if marked else words, "removed")
        else:
            out.append(f"{{+{words}+}}" if marked else words, "added")
    return out


def _harmless(char: str) -> bool:
    return char in ("\n", "\t", _JOINER) or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
