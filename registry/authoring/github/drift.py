"""One thing of a GitHub file that is not ours, for the lints to tell.

It must never decide how bad that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from registry.diagnostics import Place

Topic = Literal["format", "inputs", "parameter", "key", "text", "output", "message", "test"]


@dataclass(frozen=True, slots=True)
class Drift:
    """What stands at a place, what became of it (``what``), and what to write instead (``instead``)."""

    topic: Topic
    place: Place
    what: str
    instead: str
