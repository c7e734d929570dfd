"""What a test run will take, and why each answer is asked for, for a person at a terminal.

It must never write 0 where a cost is not known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby, islice

from rich.console import Console
from rich.text import Text

from registry.evaluation.forecast import Forecast, together
from registry.evaluation.reasons import How, Reason
from registry.evaluation.shelf import Shelf

_STYLES: Mapping[How, str] = {
    "asked": "warning",
    "refused": "error",
    "cached": "good",
    "same": "dim",
    "rendered": "dim",
}
_ORDER: tuple[How, ...] = ("refused", "asked", "cached", "same", "rendered")
_NAMED = 8


def write_forecast(console: Console, parts: Sequence[Forecast], cap: float | None) -> None:
    """Print what each suite will take, and all of them; ``cap`` is what the run may cost in USD."""
    for part in parts:
        console.print(Text(part.suite, "path"), soft_wrap=True)
        console.print(Text(f"  {_line(part)}"), soft_wrap=True)
    if not parts:
        return
    whole = together(parts)
    console.print(Text("all suites", "path"), soft_wrap=True)
    console.print(Text(f"  {_line(whole)}"), soft_wrap=True)
    if whole.requests:
        said = (
            "  Not foreseen: attempts after a fault, and cases that fell and are asked again (up to 16 each)."
        )
        console.print(Text(said, "dim"), soft_wrap=True)
    if cap is not None and whole.max_cost is not None and whole.max_cost > cap:
        said = f"  This may be more than the cap of {cap:g} USD, where the run stops."
        console.print(Text(said, "warning"), soft_wrap=True)


def write_reasons(console: Console, reasons: Sequence[Reason]) -> None:
    """Print the reasons, cases of one suite with the same reason on one line."""
    for suite, mine in groupby(reasons, key=lambda reason: reason.suite):
        console.print(Text(suite, "path"), soft_wrap=True)
        counts: Counter[tuple[How, str]] = Counter()
        cases: defaultdict[tuple[How, str], Shelf[None]] = defaultdict(Shelf)
        for reason in mine:
            counts[reason.how, reason.why] += 1
            if reason.judge is None or reason.check:  # labelled answers are of no case
                cases[reason.how, reason.why][reason.case] = None
        for (how, why), count in sorted(counts.items(), key=lambda group: _ORDER.index(group[0][0])):
            names = _names(cases[how, why])
            line = Text.assemble(
                "  ", (f"{how:<9}", _STYLES[how]), f"{count:>4}  {why}", (f"  {names}", "dim")
            )
            console.print(line, soft_wrap=True)


def _line(part: Forecast) -> str:
    pieces = [_count(part.answers, "answer"), f"{part.known} known"]
    pieces += [f"{part.refused} cannot be asked"] if part.refused else []
    pieces += [_count(part.requests, "request") if part.requests else "no request"]
    if part.requests:
        most = "no bound" if part.answer_tokens is None else f"{part.answer_tokens:,}"
        pieces += [f"{'' if part.exact else '≈ '}{part.prompt_tokens:,} tokens in, at most {most} out"]
        pieces += [_cost(part)]
    return " · ".join(pieces) + (f"  ({part.model})" if part.model and part.suite else "")


def _cost(part: Forecast) -> str:
    if part.max_cost is None:
        return "cost unknown: a price or maxTokens is missing, or currencies differ"
    if part.currency is None:
        return "no cost by the call"
    return f"at most {'' if part.exact else '≈ '}{part.max_cost:.4f} {part.currency}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _names(cases: Shelf[None]) -> str:
    more = f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else ""
    return f"{', '.join(islice(cases, _NAMED))}{more}"
