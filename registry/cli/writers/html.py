"""The report as one HTML page that anybody can read: no script, no network, nothing but the file.

Jinja escapes every value, the page's own policy forbids all but its one style sheet, and characters that cannot be
seen are written out: what a model says is hostile text. Cases are shown in full up to a bound, the rest is counted.
It must never conclude anything: sentences, lines and rows come from the report.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registry.cli.writers import figures
from registry.cli.writers.changes import visible
from registry.cli.writers.html_plots import (
    HEIGHT,
    WIDTH,
    Histogram,
    LinePlot,
    histogram,
    trend_plots,
)
from registry.cli.writers.html_words import Comparer
from registry.evaluation.exhibits import Exhibit, Side
from registry.evaluation.history import Trend
from registry.evaluation.measures import Measured
from registry.evaluation.overview import Mark
from registry.evaluation.plain import headline, sentences
from registry.evaluation.report import Line, Report, Row, base_named, lines, rows, tone
from registry.evaluation.verdict import Verdict
from registry.rendering.words import Piece

MOST_BYTES = 3_500_000  # of cases in full; the whole page stays below 5 MB
_MOST_TEXT = 3_000
_MOST_INPUT = 1_500
_MOST_NAMES = 1_000
_ONE_LINE = 200
_OPEN = 3
_BAD: tuple[Mark, ...] = ("lost", "fails", "error")
_WORDS: Mapping[Mark, str] = {
    "lost": "worse",
    "gained": "better",
    "fails": "fails",
    "broken": "failed before too",
    "error": "no answer",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One suite on the page."""

    verdict: Verdict
    anchor: str
    tone: str
    sentences: tuple[str, ...]
    lines: tuple[Line, ...]
    cases: tuple[Markup, ...]
    others: Sequence[Row]
    base: Measured | None
    head: Measured | None
    scores: Histogram | None
    plots: tuple[LinePlot, ...]
    trend: Trend | None


def report_page(
    report: Report,
    shown: Mapping[str, Sequence[Exhibit]],
    trends: Sequence[Trend] = (),
    *,
    record: str = "",
) -> str:
    """The whole page.

    Args:
        report: what is told.
        shown: the cases of each suite that are shown in full, as many as have room.
        trends: how the suites fared before.
        record: the name of the file that the page was made from.
    """
    room, comparer = MOST_BYTES, Comparer()
    sections: list[Section] = []
    past = {trend.suite: trend for trend in trends}
    for index, verdict in enumerate(sorted(report.verdicts, key=lambda verdict: not verdict.exit_code)):
        cases: list[Markup] = []
        for exhibit in shown.get(verdict.suite, ()):
            opened = len(cases) < _OPEN and not index and exhibit.mark in _BAD
            made = _case(exhibit, comparer, opened=opened)
            room -= len(made.encode())
            if room < 0:
                break
            cases.append(made)
        sections.append(_section(report, verdict, index, tuple(cases), past))
    return _page(
        "html_report.jinja",
        report=report,
        headline=headline(report),
        base=base_named(report),
        sections=sections,
        record=record,
        most_names=_MOST_NAMES,
    )


def history_page(title: str, trends: Sequence[Trend], *, of: str) -> str:
    """A page of plots and tables alone; ``of`` says what the points are: runs or releases."""
    told = [(trend, trend_plots(trend)) for trend in trends]
    return _page("html_history.jinja", title=title, trends=told, of=of)


def _section(
    report: Report,
    verdict: Verdict,
    index: int,
    cases: tuple[Markup, ...],
    past: Mapping[str, Trend],
) -> Section:
    base, head = (report.arm(verdict.suite, arm) for arm in ("base", "head"))
    trend = past.get(verdict.suite)
    return Section(
        verdict,
        anchor=f"suite-{index + 1}",
        tone=tone(verdict),
        sentences=sentences(verdict),
        lines=lines(verdict),
        cases=cases,
        others=rows(verdict)[len(cases) :],  # read when they are looked at, a million may be
        base=base,
        head=head,
        scores=histogram(head, base),
        plots=trend_plots(trend) if trend is not None else (),
        trend=trend,
    )


def _page(name: str, **values: object) -> str:
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _pages()
        .get_template(name)
        .render(
            style=Markup(style),  # noqa: S704  # our own file
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            width=WIDTH,
            height=HEIGHT,
            **values,
        )
    )


def _case(exhibit: Exhibit, comparer: Comparer, *, opened: bool) -> Markup:
    text = (
        _pages()
        .get_template("html_case.jinja")
        .render(
            it=exhibit,
            word=_WORDS[exhibit.mark],
            opened=opened,
            inputs=[(name, _shortened(_told(value), _MOST_INPUT)) for name, value in exhibit.inputs.items()],
            sides=_sides(exhibit, comparer),
        )
    )
    return Markup(text)  # noqa: S704  # it comes out of an escaping template


def _sides(exhibit: Exhibit, comparer: Comparer) -> list[tuple[str, Side, list[Piece]]]:
    """Base and head with the words of each; what only one of them says is marked."""
    base, head = exhibit.base, exhibit.head
    told = {
        name: _shortened(side.text, _MOST_TEXT) if side is not None else ""
        for name, side in (("base", base), ("head", head))
    }
    if base is not None and head is not None and not (base.error or head.error):
        old, new = comparer.sides(told["base"], told["head"])
    else:
        old, new = [Piece("both", told["base"])], [Piece("both", told["head"])]
    sides = (("base", base, old), ("head", head, new))
    return [
        (name, side, [piece for piece in pieces if piece.text])
        for name, side, pieces in sides
        if side is not None
    ]


def _told(value: object) -> str:
    if isinstance(value, str):
        return value
    flat = json.dumps(value, ensure_ascii=False, default=str)
    return flat if len(flat) <= _ONE_LINE else json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… and {len(text) - most:,} more characters"


@cache
def _style() -> str:
    return (Path(__file__).parent / "html_style.css").read_text("utf-8")


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "seen": visible,
        "percent": figures.percent,
        "money": figures.money,
        "seconds": figures.seconds,
        "number": figures.number,
        "moment": figures.moment,
    }
    pages.globals["change"] = figures.change
    return pages
