"""The local engine: CTranslate2 in processes of its own, greedy by default, equal answers for equal keys.

Prompts are tokenised, checked and addressed here; only what no cache holds ever reaches the weights.
It must never cut a prompt, skip an unknown token or fall back to another device without saying so.
"""

from __future__ import annotations

import importlib.metadata
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.errors import EngineError, MissingExtra, Usage
from registry.evaluation.engines.batching import Batch, Limits, batches
from registry.evaluation.engines.choosing import chosen
from registry.evaluation.engines.decoding import CannotDecode, options_of, room_of, stops_of
from registry.evaluation.engines.device import Choice, DeviceName, ProfileName, choose, cuda_refused, on_cpu
from registry.evaluation.engines.fleet import Fleet, Hire, Unanswered, open_fleet
from registry.evaluation.engines.folder import read_folder
from registry.evaluation.engines.forms import FormFiller
from registry.evaluation.engines.port import Prepared, Request
from registry.evaluation.engines.process import WorkerProcess
from registry.evaluation.records import Comparability, Completion
from serve.core.digest import digest, sha256
from serve.core.model import Json, ModelConfig
from serve.guard_ml.chat_template import TemplateProblem
from serve.guard_ml.tokens import Tokens

REVISION = 3  # goes up when the same request would be asked differently
_TINY_BYTES = 32 * 1024 * 1024
_CHUNK = 4096  # requests that are laid out together, so that memory does not grow with the run


class CTranslate2Engine:
    """One local model on one or more devices of one kind.

    Args:
        folder: verified weights with ``tokenizer.json``, see :mod:`registry.evaluation.engines.weights`.
        weights_sha256: the folder's digest.
        config: the model entry; its context size limits prompts.
        device, profile, require: see :func:`registry.evaluation.engines.device.choose`.
        choice: a choice that was made already, instead of these three.
        timeout_s: how long one batch may take.
        hire: starts a worker, a process of this machine by default.

    Raises:
        Usage: ENG001, ENG004 when the folder is no usable model.
        EngineError: ENG002.
        MissingExtra: without ``ctranslate2`` and ``tokenizers``.
    """

    def __init__(
        self,
        folder: Path,
        weights_sha256: str,
        config: ModelConfig,
        *,
        device: DeviceName = "auto",
        profile: ProfileName | None = None,
        require: bool = False,
        choice: Choice | None = None,
        timeout_s: float = 600.0,
        hire: Hire = WorkerProcess,
    ) -> None:
        self._weights_sha256 = weights_sha256
        self._config = config
        self._require = require
        self._profile = profile
        self._timeout_s = timeout_s
        self._hire = hire
        self._version = installed()
        self._choice = choice or choose(device, profile, require=require)
        self._fleet: Fleet | None = None
        self._folder = read_folder(folder, config)
        if config.kind == "encoder":
            what = f"model {config.id} is an encoder and writes no text"
            raise Usage("ENG004", what, "Choose a generator.")
        rows = 256 if self._choice.device == "cuda" else 64
        self._limits = Limits(rows, 256 * rows, tiny=self._folder.size_bytes < _TINY_BYTES)
        if self._choice.device == "cuda":
            self._started()

    @property
    def deterministic(self) -> bool:
        """True under profile ``cpu-f32``, where answers were measured to be independent of the company."""
        return self._choice.profile == "cpu-f32"

    @property
    def note(self) -> str:
        """Device, profile and the reason for both."""
        choice = self._choice
        count = f"{len(choice.indexes)} x " if len(choice.indexes) > 1 else ""
        where = f"{count}{choice.device}, profile {choice.profile}"
        return f"{self._config.id} {self._weights_sha256[:12]}: {where} ({choice.reason})"

    @property
    def fleet(self) -> Fleet | None:
        """The workers; None before the first question."""
        return self._fleet

    def comparability(self) -> Comparability:
        """Engine, profile, device, instruction set, and version."""
        details = {**self._choice.details, "ctranslate2": self._version}
        return Comparability("ctranslate2", self._choice.profile, self._choice.device, details)

    def prepare(self, requests: Sequence[Request]) -> list[Prepared]:
        """Token strings, decoding options and content address of each request."""
        return [
            each
            for start in range(0, len(requests), _CHUNK)
            for each in self._prepared_chunk(requests[start : start + _CHUNK])
        ]

    def complete(self, prepared: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        """Answers as batches come back; trouble stays with the prompts that it came from."""
        for start in range(0, len(prepared), _CHUNK):
            chunk = prepared[start : start + _CHUNK]
            forms = FormFiller(self._folder, chunk)
            plain = [
                item if index not in forms.indexes else Prepared(item.key, problem="")
                for index, item in enumerate(chunk)
            ]
            for index, completion in self._asked(plain):
                yield start + index, completion
            for index, completion in forms.filled(self._asked):
                yield start + index, completion

    def close(self) -> None:
        """End the worker processes."""
        if self._fleet is not None:
            self._fleet.close()
            self._fleet = None

    def _asked(self, items: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        for index, item in enumerate(items):
            if item.problem:
                yield index, Completion("", len(item.tokens), 0, error=item.problem)
        if all(item.problem is not None for item in items):
            return
        fleet = self._started(None if len(items) > self._limits.rows else 1)
        for batch, answer in fleet.run(batches(items, self._limits, share=self._config.kind == "generator")):
            if isinstance(answer, Unanswered):
                yield from _errors(batch, items, str(answer))
            else:
                yield from self._completions(batch, items, answer)

    def _prepared_chunk(self, requests: Sequence[Request]) -> Iterator[Prepared]:
        segmented = []
        problems: dict[int, str] = {}
        template = self._folder.template
        for index, request in enumerate(requests):
            try:
                segmented.append(template.segments(request.messages, request.tools))
            except TemplateProblem as problem:
                problems[index] = f"ENG005 {problem}. Use messages that the model {self._config.id} knows."
                segmented.append(())
        encoded = self._folder.tokenizer.encode(segmented, plain=template.plain)
        for index, (request, tokens) in enumerate(zip(requests, encoded, strict=True)):
            yield self._prepared(request, tokens, problems.get(index))

    def _prepared(self, request: Request, tokens: Tokens, problem: str | None) -> Prepared:
        stop = stops_of(request.parameters)
        options: dict[str, Json] = {}
        try:
            options = options_of(request, self._config, self._folder)
        except CannotDecode as cannot:
            problem = problem or f"ENG014 {cannot}. Correct decode in the suite, or leave it out."
        key = digest(
            {
                "engine": ["ctranslate2", self._version, REVISION],
                "device": [self._choice.device, self._choice.profile, self._choice.compute_type],
                "details": self._choice.details,
                "weights": [self._weights_sha256, self._folder.tokenizer_sha256],
                "ids": sha256(array("I", tokens.ids).tobytes()),
                "options": options,
                "stop": stop,
                "problem": problem,
            }
        )
        problem = problem or self._problem(tokens, options)
        return Prepared(key, tokens.texts, options, stop, problem)

    def _problem(self, tokens: Tokens, options: Mapping[str, Json]) -> str | None:
        if not tokens.ids:
            return "ENG007 the prompt is empty. Give the prompt some text."
        unknown = next((t for t in tokens.texts if t not in self._folder.known), None)
        if unknown is not None:
            return (
                f"ENG008 the weights do not know token {unknown!r}. Take tokenizer and weights of one model."
            )
        size, room, longest = len(tokens.ids), room_of(options), self._folder.longest_prompt
        if longest is not None and size > longest:
            return f"ENG009 the prompt has {size} tokens, the converted model is right up to {longest}. Shorten the inputs."
        apart = self._config.kind == "translator"  # it reads and writes in two places
        taken, context = (max(size, room) if apart else size + room), self._folder.context
        if context is not None and taken > context:
            what = f"the prompt has {size} tokens, the answer up to {room}, the model's context {context}"
            return f"ENG009 {what}. Shorten the inputs, or lower maxTokens."
        return None

    def _started(self, places: int | None = 1) -> Fleet:
        if self._fleet is None:
            self._fleet = self._opened(self._choice)
        try:
            self._fleet.start(places)
        except EngineError as error:
            if self._choice.device == "cpu":
                raise
            if self._require:
                raise cuda_refused(f"its probe failed ({error.what})") from error
            self._choice = on_cpu(self._profile, f"CUDA did not answer its probe: {error.what}")
            self._fleet = self._opened(self._choice)
            self._fleet.start(places)
        return self._fleet

    def _opened(self, choice: Choice) -> Fleet:
        # Two single threads beat one call on two threads where the matrices are small. A constant, not the
        # number of cores, so that batches are laid out alike on every machine.
        lanes = 2 if self._limits.tiny and choice.device == "cpu" else 1
        folder = self._folder
        probe = folder.ends[0] if folder.ends else folder.vocabulary[0]
        return open_fleet(
            folder.path,
            self._config.kind,
            choice,
            probe,
            lanes=lanes,
            timeout_s=self._timeout_s,
            hire=self._hire,
        )

    def _completions(
        self, batch: Batch, items: Sequence[Prepared], answer: Mapping[str, Any]
    ) -> Iterator[tuple[int, Completion]]:
        for index, row in batch.answers(answer["rows"]):
            item = items[index]
            if "choices" in item.options:
                yield index, chosen(item, row, answer["seconds"])
            else:
                yield index, self._written(item, row, answer["seconds"])

    def _written(self, item: Prepared, row: Mapping[str, Any], seconds: float) -> Completion:
        tokenizer = self._folder.tokenizer
        ids = [token if isinstance(token, int) else tokenizer.id_of(token) or 0 for token in row["tokens"]]
        ended = bool(ids) and ids[-1] in self._folder.end_ids
        text = tokenizer.decode(ids[:-1] if ended else ids)
        places = [place for place in (text.find(stop) for stop in item.stop) if place >= 0]
        whole = ended or bool(places) or len(ids) < int(item.options["max_length"])
        return Completion(
            text=text[: min(places)] if places else text,
            prompt_tokens=len(item.tokens),
            completion_tokens=len(ids),
            finish="stop" if whole else "length",
            seconds=seconds,
            logprobs=tuple(row["logprobs"]),
        )


def installed() -> str:
    """The version of CTranslate2 that is installed; raises MissingExtra."""
    try:
        return importlib.metadata.version("ctranslate2")
    except importlib.metadata.PackageNotFoundError as error:
        raise MissingExtra("promptyard test", "eval") from error


def _errors(batch: Batch, items: Sequence[Prepared], why: str) -> Iterator[tuple[int, Completion]]:
    text = f"ENG010 the model gave no answer, twice: {why}. Look at memory and at the worker's limits."
    for index in batch.indexes:
        yield index, Completion("", len(items[index].tokens), 0, error=text)
