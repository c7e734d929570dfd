"""Lengths of time and lists of percents, as people write them on a command line.

It must never guess a unit.
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Length(click.ParamType[timedelta]):
    """A length of time such as 30s, 10m, 24h or 2d, of ``most`` at most."""

    name = "length"

    def __init__(self, most: timedelta = timedelta.max) -> None:
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The length; fails for anything else."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if found is None:
            self.fail(f"{value} is not a length of time such as 30s, 10m, 24h or 2d", param, ctx)
        length = timedelta(**{_UNITS[found[2]]: int(found[1])})
        if length > self._most:
            self.fail(f"{value} is longer than {self._most.days} days", param, ctx)
        return length


class Steps(click.ParamType[tuple[int, ...]]):
    """Rising percents such as 1,10,50,100."""

    name = "steps"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The percents; fails for anything else."""
        if isinstance(value, tuple):
            return value
        words = [word.strip() for word in str(value).split(",")]
        steps = tuple(int(word) for word in words if word.isascii() and word.isdigit())
        rising = all(before < after for before, after in pairwise(steps))
        if len(steps) != len(words) or not rising or not 1 <= steps[0] <= steps[-1] <= 100:
            self.fail(f"{value} is no rising list of percents such as 1,10,50,100", param, ctx)
        return steps
