"""Times as a store's documents tell them: ISO 8601 in UTC, to the second.

It must never ask what time it is.
"""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """A time as text."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """A text as a time, in UTC unless it says otherwise; raises ValueError for another text."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
