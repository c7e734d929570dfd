"""Where the marks of a plot stand: numbers in, coordinates out; the template draws them as inline SVG.

Each plot has a sentence that says what it shows, for who cannot see it.
It must never draw a gap as a value: what is None breaks the line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from registry.cli.writers import figures
from registry.evaluation.history import Trend
from registry.evaluation.measures import BINS, Measured

WIDTH, HEIGHT = 320, 120
_LEAST_REACH = 0.05  # a change of less than a twentieth must not look like a mountain
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 8.0, 14.0, 18.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a line: its place and what it says."""

    x: float
    y: float
    told: str


@dataclass(frozen=True, slots=True)
class LinePlot:
    """A line through the points that are known. ``paths`` are its unbroken parts as SVG path data."""

    title: str
    told: str
    paths: tuple[str, ...]
    dots: tuple[Dot, ...]
    low: str
    high: str
    last: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many answers scored how much, head's bars beside base's."""

    told: str
    head: tuple[Bar, ...]
    base: tuple[Bar, ...]
    most: int


Value = Callable[[float | None], str]


def line_plot(
    title: str, values: Sequence[float | None], names: Sequence[str], say: Value
) -> LinePlot | None:
    """A plot of values in order; None where fewer than two are known."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    reach = max(high - low, abs(high) * _LEAST_REACH) or 1.0
    foot = (low + high - reach) / 2
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(values) - 1)

    def dot(index: int, value: float) -> Dot:
        y = HEIGHT - _BOTTOM - (value - foot) / reach * (HEIGHT - _TOP - _BOTTOM)
        return Dot(round(_LEFT + index * step, 1), round(y, 1), f"{names[index]}: {say(value)}")

    runs: list[list[Dot]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(dot(index, value))
    ends = f"first {say(known[0])}, last {say(known[-1])}, lowest {say(low)}, highest {say(high)}"
    told = f"{title} over {len(values)} points: {ends}."
    paths = tuple("M" + "L".join(f"{it.x} {it.y}" for it in run) for run in runs if len(run) > 1)
    dots = tuple(it for run in runs for it in run)
    return LinePlot(title, told, paths, dots, say(low), say(high), say(known[-1]))


def trend_plots(trend: Trend) -> tuple[LinePlot, ...]:
    """Pass rate, cost, tokens and latency of a suite over its points, those that have two values at least."""
    points = trend.points
    names = [f"release {point.name}" if point.name else figures.moment(point.at) for point in points]
    currency = next((point.summary.currency for point in points if point.summary.currency), None)
    series: tuple[tuple[str, list[float | None], Value], ...] = (
        ("Pass rate", [it.summary.pass_rate for it in points], figures.percent),
        ("Cost per answer", [it.summary.cost for it in points], lambda it: figures.money(it, currency)),
        ("Tokens per answer", [it.summary.tokens for it in points], figures.number),
        ("Latency, median", [it.summary.latency_p50_s for it in points], figures.seconds),
    )
    plots = (line_plot(title, values, names, say) for title, values, say in series)
    return tuple(plot for plot in plots if plot is not None)


def histogram(head: Measured | None, base: Measured | None) -> Histogram | None:
    """The scores of both arms; None where no answer has a score."""
    none = (0,) * BINS
    sides = [it.scores or none if it is not None else none for it in (head, base)]
    most = max(max(side) for side in sides)
    if not most:
        return None
    both = base is not None and sum(base.scores) > 0
    told = _spread("head", head) + (f" {_spread('base', base)}" if both else "")
    return Histogram(
        told,
        head=_bars("head", sides[0], most, place=1 if both else 0, of=2 if both else 1),
        base=_bars("base", sides[1], most, place=0, of=2) if both else (),
        most=most,
    )


def _spread(name: str, measured: Measured | None) -> str:
    if measured is None or measured.score is None:
        return f"No answer of {name} has a score."
    full, none = measured.scores[-1], sum(measured.scores[: BINS // 2])
    total = sum(measured.scores)
    return (
        f"Of {total:,} answers of {name}, {full:,} score 0.95 or more and {none:,} below 0.5;"
        f" the mean is {measured.score:.3f}."
    )


def _bars(name: str, counts: Sequence[int], most: int, *, place: int, of: int) -> tuple[Bar, ...]:
    cell = (WIDTH - _LEFT - _RIGHT) / BINS
    width = (cell - 2) / of
    found = []
    for index, count in enumerate(counts):
        if count:
            height = max(1.5, count / most * (HEIGHT - _TOP - _BOTTOM))
            x = _LEFT + index * cell + 1 + place * width
            told = f"{name}: {count:,} with a score from {index / BINS:.2f} to {(index + 1) / BINS:.2f}"
            bar = Bar(
                round(x, 1), round(HEIGHT - _BOTTOM - height, 1), round(width, 1), round(height, 1), told
            )
            found.append(bar)
    return tuple(found)
