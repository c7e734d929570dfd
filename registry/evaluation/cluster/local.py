"""Several workers on this machine: what a single one leaves idle is used, and what kills one spares the others.

It must never use more threads than the machine has cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any

from registry.evaluation.engines.device import Choice
from registry.evaluation.engines.process import Inbox, Worker, WorkerProcess


@dataclass(frozen=True, slots=True)
class LocalCluster:
    """``count`` spawned processes; on CUDA they take the devices in turn."""

    count: int

    def spread(self, choice: Choice) -> Choice:
        """The cores shared out, or the devices dealt out."""
        return replace(
            choice,
            reason=f"{choice.reason}; local:{self.count}",
            threads=max(1, choice.threads // self.count) if choice.device == "cpu" else choice.threads,
            indexes=tuple(islice(cycle(choice.indexes), self.count)),
        )

    def hire(self, setup: Mapping[str, Any], environment: Mapping[str, str], told: Inbox) -> Worker:
        """A process of this machine."""
        return WorkerProcess(setup, environment, told)

    def close(self) -> None:
        """Nothing is held but the workers, which their fleet ends."""
