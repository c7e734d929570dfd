"""The history of a prompt for a person at a terminal: a line of blocks per figure, then a row per point.

It must never draw a gap as a value, and never need colour to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from registry.cli.writers import figures
from registry.evaluation.history import Point, Trend

_BLOCKS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_CELLS = 10
_LEAST_REACH = 0.05  # a change of less than a twentieth must not look like a mountain
_GOOD = ("PASS", "IMPROVED", "NON-INFERIOR")


def write_trends(console: Console, trends: Sequence[Trend], *, of: str) -> None:
    """Print every trend; ``of`` says what the points are: runs or releases."""
    for index, trend in enumerate(trends):
        if index:
            console.print()
        count = len(trend.points)
        console.print(Text.assemble((trend.suite, "path"), f"  {count} {of if count > 1 else of[:-1]}"))
        for line in _lines(trend):
            console.print(Text(f"  {line}"), soft_wrap=True)
        console.print(Padding(_table(trend, of), (0, 0, 0, 2), expand=False))


def spark(values: Sequence[float | None]) -> str:
    """Values as blocks between the lowest and the highest; a gap where one is not known."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    reach = max(high - low, abs(high) * _LEAST_REACH) or 1.0
    foot = (low + high - reach) / 2
    steps = len(_BLOCKS) - 1
    return "".join(
        " " if value is None else _BLOCKS[round((value - foot) / reach * steps)] for value in values
    )


def bar(share: float | None) -> str:
    """A share of one as a bar of ten cells."""
    eighths = round((share or 0.0) * _CELLS * 8)
    whole, rest = divmod(eighths, 8)
    return (("█" * whole) + (_EIGHTHS[rest] if rest else "")).ljust(_CELLS)


def _lines(trend: Trend) -> list[str]:
    points = trend.points
    currency = next((point.summary.currency for point in points if point.summary.currency), None)
    series: tuple[tuple[str, list[float | None], Callable[[float | None], str]], ...] = (
        ("pass rate", [it.summary.pass_rate for it in points], figures.percent),
        ("cost", [it.summary.cost for it in points], lambda it: figures.money(it, currency)),
        ("tokens", [it.summary.tokens for it in points], figures.number),
        ("latency p50", [it.summary.latency_p50_s for it in points], figures.seconds),
    )
    return [_line(name, values, say) for name, values, say in series if len(points) > 1]


def _line(name: str, values: Sequence[float | None], say: Callable[[float | None], str]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return f"{name:<12} not known"
    told = f"{say(known[0])} → {say(known[-1])}" if len(known) > 1 else say(known[0])
    return f"{name:<12} {spark(values)}  {told}"


def _table(trend: Trend, of: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    releases = of == "releases"
    for name, side in (
        *((("release", "right"),) if releases else ()),
        ("when", "left"),
        ("verdict", "left"),
        ("cases", "right"),
        ("pass rate", "left"),
        ("cost", "right"),
        ("tokens", "right"),
        ("p50", "right"),
        *((("channels", "left"),) if releases else ()),
    ):
        table.add_column(name, justify="right" if side == "right" else "left", no_wrap=True)
    for point in trend.points:
        table.add_row(*_row(point, releases=releases))
    return table


def _row(point: Point, *, releases: bool) -> list[Text]:
    told = point.summary
    cells = [Text(point.name)] if releases else []
    cells += [
        Text(figures.moment(point.at)),
        Text(told.word, "good" if told.word in _GOOD else "warning"),
        Text(str(told.cases)),
        Text(f"{bar(told.pass_rate)} {figures.percent(told.pass_rate)}"),
        Text(figures.money(told.cost, told.currency)),
        Text(figures.number(told.tokens)),
        Text(figures.seconds(told.latency_p50_s)),
    ]
    return cells + ([Text(", ".join(point.channels))] if releases else [])
