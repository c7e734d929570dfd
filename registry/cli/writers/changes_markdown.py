"""A review as a comment on a pull request: what changed, why, what it costs, and the words, folded away.

A hidden marker on the first line lets a workflow find its one comment and update it.
It must never let a prompt's text act as Markdown, HTML or a mention: all of it stands in code; and what does not
fit into a comment is left out with a line that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import inf

from registry.cli.writers.changes import SIGNS, cases_told, cost_told, money, percent, tokens_told, visible
from registry.cli.writers.markdown import code as plain_code
from registry.rendering.costs import CostChange
from registry.rendering.readings import Edit, Reading, TextChange
from registry.rendering.review import Review, Reviewed
from registry.rendering.words import Line, Piece

MARKER = "<!-- promptyard:diff -->"
_LIMIT = 60_000  # GitHub refuses a comment of more than 65,536 characters
_ROOM_FOR_ROWS = 30_000
_NOTE = "\nMeans over the cases of the suites; ≈ is an estimate; the cost is that of the prompt and the longest answer."
_MOST_ALARMS = 10
_MOST_REFUSED = 5
_AROUND = 48  # characters kept on each side of a changed word: a comment does not wrap code
_MOST_PIECE = 2_000
_MOST_SPAN = 400


def comment(review: Review) -> str:
    """The comment, marker first, at most 60,000 characters."""
    blocks = [MARKER, f"## Promptyard: {_title(review)}", *_alarms(review), *_problems(review)]
    blocks += _fitting(list(_rows(review)), _ROOM_FOR_ROWS, "| … | {} more | | | |")
    blocks += [_NOTE] if any(entry.costs for entry in review.entries) else []
    room = _LIMIT - sum(len(block) + 1 for block in blocks) - 400
    details = list(_details(review))
    shown = _fitting(
        details, room, "\nThe words of {} more prompts were cut; `promptyard diff` shows all of them."
    )
    return "\n".join([*blocks, *shown]) + "\n"


def _fitting(blocks: Sequence[str], room: int, rest: str) -> list[str]:
    """As many of the blocks as fit, and a line that counts the others."""
    shown: list[str] = []
    for block in blocks:
        room -= len(block) + 1
        if room < 0:
            return [*shown, rest.format(len(blocks) - len(shown))]
        shown.append(block)
    return shown


def _title(review: Review) -> str:
    prompts = len(review.prompts)
    others = len(review.entries) - prompts
    told = ["one prompt changes" if prompts == 1 else f"{prompts or 'no'} prompts change"]
    if others:
        told.append(f"{others} other {'entry' if others == 1 else 'entries'}")
    return ", ".join(told)


def _alarms(review: Review) -> Iterator[str]:
    found = [(entry, cost) for entry in review.entries for cost in entry.costs if cost.jumps]
    if not found:
        return
    yield ""
    yield "> [!WARNING]"
    yield "> **A call costs a quarter more, or more than that:**"
    for entry, cost in found[:_MOST_ALARMS]:
        yield f"> - {code(_arm(entry, cost))} {_alarm(cost)}"
    if len(found) > _MOST_ALARMS:
        yield f"> - and {len(found) - _MOST_ALARMS} more"


def _alarm(cost: CostChange) -> str:
    if cost.cost_rise is None:
        return f"**{percent(cost.tokens_rise)}** prompt tokens: {tokens_told(cost)}"
    rise = "no limit" if cost.new.cost == inf else percent(cost.cost_rise)
    return f"**{rise}**: {cost_told(cost).partition(' (')[0]} a call"


def _problems(review: Review) -> Iterator[str]:
    if review.problems:
        yield ""
        yield f"> [!CAUTION]\n> Left out, since {'it' if len(review.problems) == 1 else 'they'} cannot be read:"
        for each in review.problems[:_MOST_ALARMS]:
            yield f"> - {code(f'{each.place} {each.code} {each.message}')}"
        if len(review.problems) > _MOST_ALARMS:
            yield f"> - and {len(review.problems) - _MOST_ALARMS} more"


def _rows(review: Review) -> Iterator[str]:
    if review.entries:
        yield "\n| | entry | why | prompt tokens | cost of a call |\n|---|---|---|---|---|"
    for entry in review.entries:
        change = entry.change
        name = f"{change.was} → {change.id}" if change.was else change.id
        kind = "" if change.kind == "prompt" else f"{change.kind} "
        why = ", ".join(code(reason) for reason in change.reasons) or change.what
        first, *arms = entry.costs or (None,)
        yield f"| {SIGNS[change.what]} | {kind}{code(name)} | {why} | {_cells(first)} |"
        yield from (f"| | {code(_arm(entry, arm))} | | {_cells(arm)} |" for arm in arms if arm and arm.moved)


def _cells(cost: CostChange | None) -> str:
    if cost is None:
        return " | "
    told = cost_told(cost)
    if cost.jumps:
        told = f"**{told}** 🔺" if told else "🔺"
    return f"{tokens_told(cost)} | {told or money(cost.new)}"


def _arm(entry: Reviewed, cost: CostChange) -> str:
    return f"{entry.change.id} ({cost.variant})" if cost.variant else entry.change.id


def _details(review: Review) -> Iterator[str]:
    """A folded block for each edit that was not shown before, and one list of those that were."""
    seen: dict[Edit, str] = {}
    again: list[str] = []
    for entry in review.entries:
        reading = entry.reading
        if reading is None:
            continue
        new = [text for text in reading.texts if text.edit not in seen]
        again += (
            [f"- {code(entry.change.id)} as {code(seen[reading.texts[0].edit])}"]
            if reading.texts and not new
            else []
        )
        seen |= {text.edit: entry.change.id for text in new}
        body = [line for text in new for line in _text(text, reading.cases)] + list(_refused(reading))
        if body:
            counted = (
                f", {reading.differing} of {reading.cases} cases read differently" if reading.cases else ""
            )
            yield _folded(f"<code>{entry.change.id}</code>{counted}", body)
    if again:
        yield _folded(f"{len(again)} more read differently in the same words", again)


def _folded(summary: str, body: Sequence[str]) -> str:
    return "\n".join((f"\n<details><summary>{summary}</summary>\n", *body, "\n</details>"))


def _refused(reading: Reading) -> Iterator[str]:
    for case, why in reading.refused[:_MOST_REFUSED]:
        yield f"- case {code(case)} is not rendered on both sides: {code(why)}"


def _text(text: TextChange, cases: int) -> Iterator[str]:
    told = cases_told(text, cases)
    rows = [row for line in text.lines for row in _diff(line)]
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", "\n".join(rows))), default=0))
    yield f"{code(text.name)}, {code(told) if told else 'the template'}\n"
    yield "\n".join((f"{fence}diff", *rows, fence))


def _diff(line: Line | None) -> Iterator[str]:
    """A line as the old and the new one, which GitHub colours; long stretches that are equal are cut."""
    if line is None:
        yield "  ⋯"
        return
    if all(piece.side == "both" for piece in line):
        yield f"  {_clipped(line[0].text.rstrip(chr(10)), first=True, last=True)}"
        return
    for side, sign in (("old", "-"), ("new", "+")):
        pieces = [piece for piece in line if piece.side in ("both", side)]
        if any(piece.side == side for piece in pieces) or any(
            piece.side == "both" and piece.text.strip() for piece in pieces
        ):
            yield f"{sign} {''.join(_shown(pieces, at) for at in range(len(pieces)))}".rstrip("\n")


def _shown(pieces: Sequence[Piece], at: int) -> str:
    piece = pieces[at]
    text = piece.text.rstrip("\n")
    if piece.side == "both":
        return _clipped(text, first=at == 0, last=at == len(pieces) - 1)
    if text and not text.strip():
        text = text.replace(" ", "·").replace("\t", "→")  # a change of blanks alone would not be seen
    return visible(text if len(text) <= _MOST_PIECE else f"{text[:_MOST_PIECE]}…")


def _clipped(text: str, *, first: bool, last: bool) -> str:
    lead, tail = ("" if first else text[:_AROUND]), ("" if last else text[-_AROUND:])
    if first and last:
        lead = text[: 2 * _AROUND]
    elif last:
        tail = ""
    kept = len(lead) + len(tail)
    return visible(text if len(text) <= kept + 1 or len(text) <= 2 * _AROUND else f"{lead}…{tail}")


def code(text: str) -> str:
    """A text as a code span on one line, cut where it is long, with nothing in it that cannot be seen."""
    shown = visible(" ".join(text[: 2 * _MOST_SPAN].split()))
    return plain_code(shown if len(shown) <= _MOST_SPAN else f"{shown[:_MOST_SPAN]}…")
