"""Figures as people write them: shares, sums of money, times, sizes; a dash where nothing is known.

It must never take what is not known for nothing.
"""

from __future__ import annotations

from registry.evaluation.report import visible
from registry.rendering import amounts

UNKNOWN = "–"


def percent(share: float | None) -> str:
    """A share of one, to a tenth of a per cent."""
    return UNKNOWN if share is None else f"{share * 100:.1f}%"


def money(value: float | None, currency: str | None) -> str:
    """A sum with its currency."""
    return UNKNOWN if value is None else amounts.money(value, currency and visible(currency))


def seconds(value: float | None) -> str:
    """A time: milliseconds below a second."""
    if value is None:
        return UNKNOWN
    return f"{value * 1000:.0f} ms" if value < 0.9995 else f"{value:.2f} s"


def number(value: float | None) -> str:
    """A mean, to a tenth."""
    return UNKNOWN if value is None else f"{value:,.1f}"


def change(old: float | None, new: float | None) -> str:
    """What a figure became, as a share of what it was; nothing where there is nothing to compare."""
    if not old or new is None:
        return ""
    return f"{(new / old - 1) * 100:+.1f}%"


def moment(at: str) -> str:
    """An ISO 8601 time in UTC as people read it, to the minute; anything else as it is."""
    day, _, time = at.partition("T")
    return f"{day} {time[:5]} UTC" if time.endswith("Z") else at
