"""What is known of a request when its texts are looked at: the day, whom it is for, its canary, the answers before.

It must never be guessed here: this code has no clock and no memory, so the caller says all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from serve.core.model import Exemption, Json


@dataclass(frozen=True, slots=True)
class Given:
    """What a check may go by beside the text.

    Attributes:
        today: an ISO date; shadow rules and exceptions past theirs are over. Without one nothing is.
        segment: attributes of the request, which exceptions are made for.
        canary: the marker that stands in the prompt's system message.
        tries: how many answers to this request were refused before, whichever rule did.
    """

    today: str | None = None
    segment: Mapping[str, Json] = field(default_factory=dict)
    canary: str | None = None
    tries: int = 0

    def is_over(self, until: str | None) -> bool:
        """True on every day after ``until``."""
        return self.today is not None and until is not None and until < self.today

    def exempts(self, exemption: Exemption) -> bool:
        """True where an exception holds for the whole request, and not for some texts alone."""
        return not exemption.texts and self._holds(exemption)

    def spares(self, exemption: Exemption, matched: str) -> bool:
        """True where an exception lets this match through."""
        return matched in exemption.texts and self._holds(exemption)

    def _holds(self, exemption: Exemption) -> bool:
        fits = (_fits(self.segment.get(key), wanted) for key, wanted in exemption.segment.items())
        return not self.is_over(exemption.until) and all(fits)


NOTHING = Given()


def _fits(value: Json, wanted: Json) -> bool:
    """A list stands for any of its values; 1 and true are not the same."""
    options = wanted if isinstance(wanted, list | tuple) else (wanted,)
    return any(type(value) is type(option) and value == option for option in options)
