"""What is told of each check to whoever counts: the verdict, and the time of every rule that looked.

The clock is the caller's, for this code has none.
It must never keep what it is told; the text is handed on for a keyed hash of what was matched, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from serve.core.guard.verdict import Verdict
from serve.core.model import Stage


class Spent(NamedTuple):
    """One rule's look at one text: how many nanoseconds it took, and whether the rule failed."""

    set: str
    rule: str
    ns: int
    failed: bool


class Watch(Protocol):
    """Who counts."""

    def now_ns(self) -> int:
        """A clock in nanoseconds that only goes forward: of the processor, where there is one."""

    def wall_ns(self) -> int:
        """The same of the time that goes by, for rules that wait for a model."""

    def tell(self, stage: Stage, text: str, verdict: Verdict, spent: Sequence[Spent], /) -> None:
        """One check is done; rules without anything to look for in the text are not among ``spent``."""
