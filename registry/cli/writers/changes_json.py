"""A review for a program: every change with its reasons, words, cases and costs, none left out.

It must never round what was counted, nor escape what a prompt says.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from registry.cli.writers.json import findings_json
from registry.rendering.costs import CostChange
from registry.rendering.readings import TextChange
from registry.rendering.review import Review, Reviewed
from registry.rendering.words import Line
from serve.core.model import Json


def review_json(review: Review) -> Json:
    """The review as one JSON object."""
    return {
        "base": review.base,
        "head": review.head,
        "changes": [dict(_entry(entry)) for entry in review.entries],
        "problems": findings_json(review.problems),
    }


def _entry(entry: Reviewed) -> Iterator[tuple[str, Json]]:
    change, reading = entry.change, entry.reading
    yield "what", change.what
    yield "kind", change.kind
    yield "id", change.id
    if change.was is not None:
        yield "was", change.was
    yield "reasons", list(change.reasons)
    if change.kind == "prompt":
        yield "messages", [_text(text) for text in reading.texts] if reading is not None else []
        yield "costs", [_cost(cost) for cost in entry.costs]
        yield "jumps", entry.jumps
    if reading is not None:
        refused = [{"case": case, "why": why} for case, why in reading.refused]
        yield "cases", {"rendered": reading.cases, "differing": reading.differing, "refused": refused}


def _text(text: TextChange) -> Json:
    lines = [_line(line) for line in text.lines if line is not None]
    return {"name": text.name, "cases": list(text.cases), "lines": lines}


def _line(line: Line) -> Json:
    return [{"side": piece.side, "text": piece.text} for piece in line]


def _cost(cost: CostChange) -> Json:
    old = cost.old
    return {
        "variant": cost.variant,
        "cases": cost.cases,
        "exact": cost.new.exact and (old is None or old.exact),
        "promptTokens": _pair(old.tokens if old else None, cost.new.tokens, cost.tokens_rise),
        "costPerCall": _pair(old.cost if old else None, _finite(cost.new.cost), cost.cost_rise),
        "currency": {"old": old.currency if old else None, "new": cost.new.currency},
        "includesLongestAnswer": cost.new.whole,
        "limitGone": cost.new.cost == inf,
        "jumps": cost.jumps,
    }


def _pair(old: float | None, new: float | None, rise: float | None) -> Json:
    share = _finite(None if rise is None else round(rise, 6))
    return {"old": old, "new": new, "rise": share}


def _finite(number: float | None) -> float | None:
    return None if number == inf else number  # JSON has no infinity
