"""The registry's own exceptions, all of one shape with those of the run time.

It must never invent a second family: exit codes hang on the classes of ``serve.core.errors``.
"""

from __future__ import annotations

from serve.core.errors import MissingExtra, PromptyardError, Refused, Unavailable, Usage


class NotClean(PromptyardError):
    """Findings of lint stand in the way of a release."""

    exit_code = 1


class PublishConflict(Refused):
    """Another publisher was there first and meaning cannot be rebased."""


class StoreUnavailable(Unavailable):
    """The store cannot be reached, or does not keep its promises."""


class EngineError(Unavailable):
    """A model cannot be loaded or does not answer; never the fault of a case."""


__all__ = [
    "EngineError",
    "MissingExtra",
    "NotClean",
    "PromptyardError",
    "PublishConflict",
    "Refused",
    "StoreUnavailable",
    "Unavailable",
    "Usage",
]
