"""What tells one instance of a service from another, in rollouts and in reports.

The same after a restart, so that a rollout draws it again and a report replaces the one before; the worker
processes that share a cache are one instance, since one of them loads for all.
It must never hold anything of a user's.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from serve.core.assign import drawn
from serve.core.digest import sha256
from serve.core.errors import Usage

VARIABLE = "PROMPTYARD_INSTANCE"
TAKES_VARIABLE = "PROMPTYARD_CANARY"
Takes = Literal["drawn", "always", "never"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance by name, and whether it ``takes`` part in rollouts: when it is drawn, in all, or in none."""

    name: str = ""
    takes: Takes = "drawn"

    def draws(self, salt: str, percent: float) -> bool:
        """Whether a rollout's release is for this instance."""
        return self.takes == "always" or (self.takes == "drawn" and drawn(self.name, salt, percent))


def is_name(text: str) -> bool:
    """Whether an instance may be called so."""
    return _NAME.match(text) is not None


def instance_of(named: str | None, cache: Path, takes: str | None = None) -> Instance:
    """The instance as given, as ``PROMPTYARD_INSTANCE`` and ``PROMPTYARD_CANARY`` say, or by default.

    By default it is named out of the host's name and the cache folder, and takes part when it is drawn.

    Raises:
        Usage: RUN003 for a name that could not be a file's, RUN004 for another word than drawn, always or never.
    """
    part = takes if takes is not None else os.environ.get(TAKES_VARIABLE) or "drawn"
    if part not in get_args(Takes):
        what = "an instance takes part in rollouts when it is drawn, always or never"
        raise Usage("RUN004", what, f"Give canary='drawn', 'always' or 'never', or {TAKES_VARIABLE}.")
    return Instance(_name(named, cache), cast("Takes", part))


def _name(named: str | None, cache: Path) -> str:
    given = named if named is not None else os.environ.get(VARIABLE)
    if not given:
        import socket  # 6 ms of every start, for services that were given a name

        return _by_place(socket.gethostname(), cache)
    if not is_name(given):
        what = "the instance is not named by at most 100 letters, digits, dots and dashes"
        raise Usage("RUN003", what, f"Give another instance=, or {VARIABLE}.")
    return given


def _by_place(host: str, cache: Path) -> str:
    told = _UNFIT.sub("-", host).strip("-._")[:60] or "host"
    return f"{told}-{sha256(os.fsencode(cache.absolute()))[:_DIGITS]}"
