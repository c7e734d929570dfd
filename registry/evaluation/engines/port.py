"""What a test run asks of an engine: prepare requests, then answer the prepared ones as answers come.

The runner, the cache and every engine meet here, so that none of them knows the others.
It must never judge an answer; an engine reports what the model said, or why it said nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from registry.evaluation.records import Comparability, Completion, Decode
from serve.core.model import ChatMessage, Json, Output, Tool


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model. ``sample`` counts repeats from 0; ``seed`` matters to sampling alone.

    ``output`` is the shape that a provider can be made to answer in; free generation passes it over.
    ``decode`` holds a local model to a form; ``logprobs`` asks for the log-probability of each token.
    """

    messages: tuple[ChatMessage, ...]
    parameters: Mapping[str, Json]
    tools: tuple[Tool, ...] = ()
    sample: int = 0
    seed: int = 0
    output: Output | None = None
    decode: Decode | None = None
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """The most tokens that a hosted model can be made to read and to write; ``answer`` None is no bound."""

    prompt: int
    answer: int | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as the model will see it.

    Attributes:
        key: content address of question, weights, decoding and compute profile, 64 hexadecimal digits.
        tokens: the prompt as token strings; empty when there is a problem, and for a hosted model.
        options: decoding options in the engine's own words; for a hosted model the whole request body.
        stop: texts that end the answer; the answer is cut before the first of them.
        problem: why this request cannot be asked; it becomes an error, never a failed case.
        room: how large the question and its answer can be, where that is paid for.
    """

    key: str
    tokens: tuple[str, ...] = ()
    options: Mapping[str, Json] = field(default_factory=dict)
    stop: tuple[str, ...] = ()
    problem: str | None = None
    room: Room | None = None


class Engine(Protocol):
    """A model that answers. Not safe for use by several threads at once."""

    @property
    def deterministic(self) -> bool:
        """True when an equal key always gives an equal answer on this machine."""
        ...

    @property
    def note(self) -> str:
        """One line on where it computes and why; empty when there is nothing to say."""
        ...

    def comparability(self) -> Comparability:
        """What must be equal before two arms may be compared."""
        ...

    def prepare(self, requests: Sequence[Request]) -> list[Prepared]:
        """The requests as the model will see them, in order; loads no weights where it can be helped.

        Raises:
            EngineError: when the model itself cannot be used.
        """
        ...

    def complete(self, prepared: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        """Index and answer of each, in the order in which answers come; work is done as it is pulled.

        Raises:
            EngineError: when the model cannot be loaded at all. Later trouble becomes ``Completion.error``.
        """
        ...

    def close(self) -> None:
        """Give back processes and memory; safe to call twice."""
        ...
