"""An engine that answers from what was recorded: what was never asked before is an error, never a guess.

It must never start the model that it stands in for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from registry.errors import Usage
from registry.evaluation.engines.port import Engine, Prepared, Request
from registry.evaluation.records import Comparability, Completion
from registry.evaluation.written import read_written
from serve.core.codec import ShapeError, from_json


@dataclass(frozen=True, slots=True)
class Recording:
    """Answers by the content address of their question."""

    answers: Mapping[str, Completion] = field(default_factory=dict)


NOTHING = Recording()


class ReplayEngine:
    """Stands in for an engine; keys are that engine's own, answers those of the cache and of a recording."""

    def __init__(self, engine: Engine, recording: Recording = NOTHING) -> None:
        self._engine = engine
        self._recording = recording

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
        """The recorded answers, and an error for each request without one."""
        for index, item in enumerate(prepared):
            held = self._recording.answers.get(item.key)
            if held is not None and item.problem is None:
                yield index, replace(held, cached=True, seconds=None)
                continue
            missing = (
                f"ENG011 the cache holds no answer to {item.key[:12]}. Run promptyard test without --replay."
            )
            yield index, Completion("", len(item.tokens), 0, error=item.problem or missing)

    def close(self) -> None:
        """Close the engine it stands in for."""
        self._engine.close()


def read_recording(place: Path) -> Recording:
    """The answers in a JSONL file, or in every ``*.jsonl`` below a folder; of doubles the last counts.

    A line is an object with ``key`` and ``completion``, as ``promptyard test --record`` writes it; lines of another
    kind, cut short or with an error, are passed over.

    Raises:
        Usage: ENG012 where there is no answer at all.
    """
    files = sorted(place.rglob("*.jsonl")) if place.is_dir() else [place]
    found: dict[str, Completion] = {}
    for file in files:
        with file.open("rb") as lines:
            found.update(answer for line in lines if (answer := _answer(line)) is not None)
    if not found:
        what = f"{place} holds no recorded answer"
        raise Usage("ENG012", what, "Name a file that promptyard test --record wrote, or a folder of such.")
    return Recording(found)


def _answer(line: bytes) -> tuple[str, Completion] | None:
    try:
        held = read_written(line)
        key, completion = held["key"], from_json(Completion, held["completion"])
    except (ValueError, TypeError, KeyError, ShapeError):
        return None
    return (key, completion) if isinstance(key, str) and completion.error is None else None
