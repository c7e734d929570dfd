"""When a failed request is sent again, and how long to wait before.

Sources: RFC 9110 section 10.2.3 for Retry-After; the habits of the providers' own SDKs for the statuses and for
``retry-after-ms`` and ``x-should-retry``; full jitter after Brooker, "Exponential Backoff And Jitter" (2015).
It must never wait without a bound, nor less than the provider asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 120.0
_FIRST_S, _MOST_S = 0.5, 30.0
_PASSING = frozenset((408, 409, 425, 429))


def passes(status: int, headers: Mapping[str, str]) -> bool:
    """True when the same request may be answered later."""
    said = headers.get("x-should-retry", "").strip().lower()
    if said in ("true", "false"):
        return said == "true"
    return status in _PASSING or status >= 500


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a reply asks to wait, from seconds or an HTTP date; None where it says nothing usable.

    Args:
        headers: by lower-case name.
        now: with its time zone.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=now.tzinfo)
    return max(0.0, (until - now).total_seconds())


def back_off(attempt: int, asked_s: float | None, chance: float) -> float | None:
    """Seconds to wait before the next attempt; None when the provider asks for more patience than there is.

    Args:
        attempt: how many attempts have failed, from 1.
        asked_s: what the provider asked for.
        chance: a number from 0 to 1 that spreads the requests of many.
    """
    if asked_s is not None:
        return None if asked_s > LONGEST_S else asked_s + _FIRST_S * chance
    return min(_MOST_S, _FIRST_S * 2.0 ** (attempt - 1)) * (0.5 + 0.5 * chance)
