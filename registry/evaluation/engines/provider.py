"""What the hosted engine asks of a provider: one body in, one answer or one named fault out.

How many at once, how fast, how often again and for how much money is decided elsewhere, alike for all.
It must never hide a fault: what went wrong and whether trying again may help is the provider's to say.
"""

from __future__ import annotations

from typing import Protocol

from registry.evaluation.records import Completion
from serve.core.model import Json


class Fault(Exception):
    """A request that brought no answer.

    Attributes:
        code: stable, such as ``ENG022``.
        what: one clause; never a key, never what was asked.
        next_step: what the reader does now.
        again: True when the same request may well be answered later.
        wait_s: how long the provider asks to wait, None where it does not say.
        billed: True when the provider may have answered and charged for it all the same.
        fatal: True when every other request would fail alike.
    """

    def __init__(
        self,
        code: str,
        what: str,
        next_step: str,
        *,
        again: bool = False,
        wait_s: float | None = None,
        billed: bool = False,
        fatal: bool = False,
    ) -> None:
        super().__init__(code, what, next_step)
        self.code = code
        self.what = what
        self.next_step = next_step
        self.again = again
        self.wait_s = wait_s
        self.billed = billed
        self.fatal = fatal

    def __str__(self) -> str:
        return f"{self.code} {self.what}. {self.next_step}"


class Provider(Protocol):
    """Who answers. ``ask`` is called by several threads at once, everything else by one."""

    @property
    def identity(self) -> str:
        """Where requests go, without credentials; equal places give equal texts."""
        ...

    def ask(self, body: Json) -> Completion:
        """The answer to one request body, without cost; raises Fault."""
        ...

    def close(self) -> None:
        """End every request on its way and give back all connections; safe to call twice."""
        ...


def garbled(who: str, why: str) -> Fault:
    """The fault of an answer that came and cannot be read."""
    what = f"{who} sent an answer that cannot be read ({why})"
    return Fault(
        "ENG023", what, "Check that the endpoint speaks this provider's language.", again=True, billed=True
    )
