"""An engine that answers from the cache alone: what was never asked before is an error, never a guess.

It must never start the model that it stands in for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from registry.evaluation.engines.port import Engine, Prepared, Request
from registry.evaluation.records import Comparability, Completion


class ReplayEngine:
    """Stands in for an engine whose answers are all expected in the cache; keys are that engine's own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def deterministic(self) -> bool:
        """As the engine it stands in for."""
        return self._engine.deterministic

    @property
    def note(self) -> str:
        """The engine's note, marked as replay."""
        return f"{self._engine.note}; replay, the model is not asked"

    def comparability(self) -> Comparability:
        """As the engine it stands in for."""
        return self._engine.comparability()

    def prepare(self, requests: Sequence[Request]) -> list[Prepared]:
        """As the engine it stands in for."""
        return self._engine.prepare(requests)

    def complete(self, prepared: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        """An error for each request that has no problem of its own."""
        for index, item in enumerate(prepared):
            missing = (
                f"ENG011 the cache holds no answer to {item.key[:12]}. Run promptyard test without --replay."
            )
            yield index, Completion("", len(item.tokens), 0, error=item.problem or missing)

    def close(self) -> None:
        """Close the engine it stands in for."""
        self._engine.close()
