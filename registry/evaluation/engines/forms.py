"""Answers that fill a form: all of a run side by side, one value after the other.

Each round asks every open form for its next value, so that as many rows as possible share a call.
It must never write a value itself: what the model left open stays visibly cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from registry.evaluation.engines.decoding import choice
from registry.evaluation.engines.folder import ModelFolder
from registry.evaluation.engines.port import Prepared
from registry.evaluation.engines.template import Filling, closes
from registry.evaluation.records import Completion
from serve.core.model import Json

Ask = Callable[[Sequence[Prepared]], Iterator[tuple[int, Completion]]]
_NUMBER_TOKENS = 24


class FormFiller:
    """The requests among ``prepared`` that want a form filled.

    Args:
        folder: the model, for its tokens.
        prepared: all requests; those without a form, or with a problem, are passed over.
    """

    def __init__(self, folder: ModelFolder, prepared: Sequence[Prepared]) -> None:
        self._folder = folder
        self._prepared = prepared
        self.indexes = frozenset(
            n for n, item in enumerate(prepared) if item.problem is None and "form" in item.options
        )

    def filled(self, ask: Ask) -> Iterator[tuple[int, Completion]]:
        """Each index with its filled form, or with the error that came up on the way."""
        fillings = {n: Filling(self._prepared[n].options["form"]) for n in sorted(self.indexes)}
        seconds = dict.fromkeys(fillings, 0.0)
        while fillings:
            asked: dict[int, Prepared] = {}
            for n, filling in tuple(fillings.items()):
                step = filling.step()
                wanted = None if step is None else self._wanted(self._prepared[n], filling, step)
                if wanted is None:
                    yield n, self._completion(n, fillings.pop(n), seconds[n], whole=step is None)
                else:
                    asked[n] = wanted
            numbers = list(asked)
            for place, answer in ask([asked[n] for n in numbers]) if asked else ():
                n = numbers[place]
                seconds[n] += answer.seconds or 0.0
                if answer.error is not None:
                    del fillings[n]
                    yield n, answer
                else:
                    fillings[n].take(answer.text, whole=answer.finish == "stop")

    def _wanted(self, item: Prepared, filling: Filling, step: Mapping[str, Any]) -> Prepared | None:
        """The next question; None when the limit on tokens leaves no room for it."""
        written = self._folder.tokenizer.content(filling.written).texts
        tokens = (*item.tokens, *written)
        if "choose" in step:
            return Prepared(item.key, tokens, choice(self._folder, tuple(step["choose"])))
        room = int(item.options["max_length"]) - len(written)
        if room < 1:
            return None
        free: dict[str, Json] = {name: value for name, value in item.options.items() if name != "form"}
        if step["fill"] == "string":
            ends = [*self._folder.ends, *self._closing]
            return Prepared(item.key, tokens, {**free, "max_length": room, "end_token": ends})
        return Prepared(item.key, tokens, {**free, "max_length": min(room, _NUMBER_TOKENS)})

    @cached_property
    def _closing(self) -> list[str]:
        return [token for token in self._folder.vocabulary if closes(token)]

    def _completion(self, index: int, filling: Filling, seconds: float, *, whole: bool) -> Completion:
        return Completion(
            text=filling.written,
            prompt_tokens=len(self._prepared[index].tokens),
            completion_tokens=len(self._folder.tokenizer.content(filling.written).ids),
            finish="stop" if whole and not filling.cut_short else "length",
            seconds=seconds,
        )
