"""What the run time asks of a store: one conditional read by fixed path, nothing else.

Services never list, never write and never follow a redirect, so any dumb store will do.
It must never decide what bytes mean: whoever reads them verifies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from serve.core.errors import Unavailable

CONNECT_S = 2.0
READ_S = 5.0
CHUNK_BYTES = 1 << 16
TOTAL_S = 30.0  # a drip of one byte per second must not hold the poll for hours


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of one object and the tag to ask with next time, where the store gives one.

    ``at`` is the store's own time (epoch seconds), where it tells.
    """

    data: bytes
    etag: str | None
    at: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NotModified:
    """The object is still what the given tag stood for; no bytes were sent. ``at`` as in Fetched."""

    at: float | None = field(default=None, compare=False)


class SourceUnavailable(Unavailable):
    """The store did not answer, or not with the object."""


class SourceMissing(SourceUnavailable):
    """The store answered and does not hold the object, or will not show it (404, 403)."""


class SourceTooLarge(SourceUnavailable):
    """The object has more bytes than the reader is ready to hold."""


class Source(Protocol):
    """A place to read from. Safe to use from one thread at a time."""

    def fetch(self, path: str, *, etag: str | None = None, max_bytes: int) -> Fetched | NotModified:
        """The object at ``path`` (below the store's prefix, POSIX), unless it still has the tag ``etag``.

        Raises:
            SourceMissing: SRC002 when the store has no such object.
            SourceTooLarge: SRC004 when it has more than ``max_bytes``.
            SourceUnavailable: SRC001 no answer, SRC003 an unusable answer.
        """
        ...

    def doubt(self) -> None:
        """What was read last cannot be used: read on in another place, where the store has several."""
        ...

    def reset(self) -> None:
        """Forget connections without closing them: after a fork they belong to the parent."""
        ...

    def close(self) -> None:
        """Give connections back; reading again opens new ones."""
        ...


def told_at(headers: Mapping[str, str]) -> float | None:
    """The time at which an HTTP answer was given (epoch seconds), or None where it does not say.

    ``headers`` are by names in lower case, or know how to find them so. A cache passes ``Date`` on as it was and
    counts in ``Age``. Source: RFC 9110, section 6.6.1; RFC 9111, section 5.1.
    """
    from email.utils import parsedate_to_datetime  # stdlib's parser; HTTP has loaded it, a folder needs none

    try:
        return parsedate_to_datetime(headers["date"]).timestamp() + float(headers.get("age", "0"))
    except (KeyError, ValueError, OverflowError):
        return None


def no_answer(where: str) -> SourceUnavailable:
    """SRC001: nothing came back."""
    return SourceUnavailable(
        "SRC001", f"{where} does not answer", "Check the network and the store's address."
    )


def missing(where: str) -> SourceMissing:
    """SRC002: the object is not there, or not for us."""
    return SourceMissing(
        "SRC002", f"{where} is not there or may not be read", "Check URL, channel and read permission."
    )


def unusable(where: str, status: int) -> SourceUnavailable:
    """SRC003: an answer that is neither the object nor 'not modified'."""
    return SourceUnavailable(
        "SRC003", f"{where} was answered with status {status}", "Look at the store's own log."
    )


def too_large(where: str, max_bytes: int) -> SourceTooLarge:
    """SRC004: more bytes than the reader is ready to hold."""
    return SourceTooLarge(
        "SRC004",
        f"{where} is larger than {max_bytes} bytes",
        "Check that the URL points at a Promptyard store.",
    )
