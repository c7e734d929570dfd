"""What the engine asks of a cluster: how many places there are, and a worker for one of them.

It must never know what is asked of the workers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from registry.evaluation.engines.device import Choice
from registry.evaluation.engines.process import Inbox, Worker


class Cluster(Protocol):
    """Places where workers can be put."""

    def spread(self, choice: Choice) -> Choice:
        """The same way of computing, with an index for each place.

        Raises:
            EngineError: when the cluster does not answer, or a node would compute otherwise.
        """
        ...

    def hire(self, setup: Mapping[str, Any], environment: Mapping[str, str], told: Inbox) -> Worker:
        """A worker that starts at once, wherever there is room; see :class:`Worker`."""
        ...

    def close(self) -> None:
        """Give the places back; safe to call twice."""
        ...
