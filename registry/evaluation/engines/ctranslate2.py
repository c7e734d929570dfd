"""The local engine: CTranslate2 in a process of its own, greedy by default, equal answers for equal keys.

Prompts are tokenised, checked and addressed here; only what no cache holds ever reaches the weights.
It must never cut a prompt, skip an unknown token or fall back to another device without saying so.
"""

from __future__ import annotations

import importlib.metadata
import json
from array import array
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.errors import EngineError, MissingExtra, Usage
from registry.evaluation.engines.batching import Batch, Limits, batches
from registry.evaluation.engines.chat_template import (
    TemplateProblem,
    read_chat_template,
    read_json,
    token_text,
)
from registry.evaluation.engines.device import Choice, DeviceName, ProfileName, choose, cuda_refused, on_cpu
from registry.evaluation.engines.port import Prepared, Request
from registry.evaluation.engines.process import WorkerDied, WorkerProcess
from registry.evaluation.engines.tokens import PromptTokenizer, Tokens
from registry.evaluation.records import Comparability, Completion
from serve.core.digest import digest, sha256
from serve.core.model import Json, ModelConfig
from serve.core.payloads import CTRANSLATE2_PARAMETERS

REVISION = 1  # goes up when the same request would be asked differently
DEFAULT_MAX_TOKENS = 256
_IN_FLIGHT = 2
_TINY_BYTES = 32 * 1024 * 1024
_UNLIMITED = 1_000_000


class CTranslate2Engine:
    """One local model on one device.

    Args:
        folder: verified weights with ``tokenizer.json``, see :mod:`registry.evaluation.engines.weights`.
        weights_sha256: the folder's digest.
        config: the model entry; its context size limits prompts.
        device, profile, require: see :func:`registry.evaluation.engines.device.choose`.
        timeout_s: how long one batch may take.

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
        timeout_s: float = 600.0,
    ) -> None:
        self._folder = folder
        self._weights_sha256 = weights_sha256
        self._config = config
        self._require = require
        self._profile = profile
        self._timeout_s = timeout_s
        self._version = _installed()
        self._choice = choose(device, profile, require=require)
        self._worker: WorkerProcess | None = None
        self._read_folder()
        if self._choice.device == "cuda":
            self._start()

    @property
    def deterministic(self) -> bool:
        """True under profile ``cpu-f32``, where answers were measured to be independent of the company."""
        return self._choice.profile == "cpu-f32"

    @property
    def note(self) -> str:
        """Device, profile and the reason for both."""
        choice = self._choice
        weights = self._weights_sha256[:12]
        return f"{self._config.id} {weights}: {choice.device}, profile {choice.profile} ({choice.reason})"

    def comparability(self) -> Comparability:
        """Engine, profile, device, instruction set, and version."""
        details = {**self._choice.details, "ctranslate2": self._version}
        return Comparability("ctranslate2", self._choice.profile, self._choice.device, details)

    def prepare(self, requests: Sequence[Request]) -> list[Prepared]:
        """Token strings, decoding options and content address of each request."""
        segmented = []
        problems: dict[int, str] = {}
        for index, request in enumerate(requests):
            try:
                segmented.append(self._template.segments(request.messages, request.tools))
            except TemplateProblem as problem:
                problems[index] = f"ENG005 {problem}. Use messages that the model {self._config.id} knows."
                segmented.append(())
        encoded = self._tokenizer.encode(segmented, plain=self._template.plain)
        return [
            self._prepared(request, tokens, problems.get(index))
            for index, (request, tokens) in enumerate(zip(requests, encoded, strict=True))
        ]

    def complete(self, prepared: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        """Answers as batches come back; a batch that kills the worker is tried once more in halves."""
        for index, item in enumerate(prepared):
            if item.problem is not None:
                yield index, Completion("", len(item.tokens), 0, error=item.problem)
        share = self._config.kind == "generator"
        waiting = deque((batch, True) for batch in batches(prepared, self._limits, share=share))
        sent: deque[tuple[Batch, bool]] = deque()
        while waiting or sent:
            answer = self._next_answer(waiting, sent)
            batch, first_try = sent.popleft()
            if "error" not in answer:
                yield from self._completions(batch, prepared, answer)
            elif first_try:
                waiting.extendleft((half, False) for half in reversed(batch.halves()))
            else:
                yield from _errors(batch, prepared, str(answer["error"]))

    def _next_answer(
        self, waiting: deque[tuple[Batch, bool]], sent: deque[tuple[Batch, bool]]
    ) -> Mapping[str, Any]:
        """The answer to the oldest batch on its way; a death takes the younger ones back to the queue."""
        try:
            while waiting and len(sent) < _IN_FLIGHT:
                sent.append(waiting.popleft())
                self._send(sent[-1][0])
            return self._start().receive()
        except WorkerDied as death:
            self.close()
            while len(sent) > 1:
                waiting.appendleft(sent.pop())
            return {"error": str(death)}

    def close(self) -> None:
        """End the worker process."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _read_folder(self) -> None:
        try:
            data = (self._folder / "tokenizer.json").read_bytes()
            self._vocabulary = frozenset(_vocabulary(self._folder))
            self._template = read_chat_template(self._folder)
            self._ends = _end_tokens(self._folder, self._vocabulary)
            self._tokenizer = PromptTokenizer(data)
            size_bytes = (self._folder / "model.bin").stat().st_size
        except (OSError, ValueError, KeyError) as error:
            what = f"model {self._config.id}: the weights folder is no CTranslate2 model ({_short(error)})"
            next_step = (
                "It needs model.bin, config.json, vocabulary.json, tokenizer.json and tokenizer_config.json."
            )
            raise Usage("ENG004", what, next_step) from error
        self._tokenizer_sha256 = sha256(data)
        rows = 256 if self._choice.device == "cuda" else 64
        self._limits = Limits(rows, 256 * rows, tiny=size_bytes < _TINY_BYTES)
        self._context = self._config.context_tokens or _context_tokens(self._folder)
        if self._config.kind == "encoder":
            raise Usage(
                "ENG004", f"model {self._config.id} is an encoder and writes no text", "Choose a generator."
            )

    def _prepared(self, request: Request, tokens: Tokens, problem: str | None) -> Prepared:
        options, stop = self._options(request)
        key = digest(
            {
                "engine": ["ctranslate2", self._version, REVISION],
                "device": [self._choice.device, self._choice.profile, self._choice.compute_type],
                "details": self._choice.details,
                "weights": [self._weights_sha256, self._tokenizer_sha256],
                "ids": sha256(array("I", tokens.ids).tobytes()),
                "options": options,
                "stop": stop,
                "problem": problem,
            }
        )
        problem = problem or self._problem(tokens, options)
        return Prepared(key, tokens.texts, options, stop, problem)

    def _options(self, request: Request) -> tuple[dict[str, Json], tuple[str, ...]]:
        """CTranslate2's words for the parameters; a greedy answer depends on neither seed nor repeat."""
        given = request.parameters
        unknown = sorted(set(given) - set(CTRANSLATE2_PARAMETERS))
        if unknown:
            what = f"engine ctranslate2 has no parameter {unknown[0]} (model {self._config.id})"
            raise Usage("ENG006", what, f"Known are: {', '.join(sorted(CTRANSLATE2_PARAMETERS))}.")
        options: dict[str, Json] = {"max_length": int(given.get("maxTokens", DEFAULT_MAX_TOKENS))}
        if self._ends:
            options["end_token"] = list(self._ends)
        if "repetitionPenalty" in given:
            options["repetition_penalty"] = given["repetitionPenalty"]
        if given.get("temperature", 0) > 0:
            seed = digest([given.get("seed", request.seed), request.sample])
            options |= {
                "sampling_temperature": given["temperature"],
                "sampling_topk": given.get("topK", 0),
                "sampling_topp": given.get("topP", 1),
                "seed": int(seed[:7], 16),
            }
        stop = given.get("stop", ())
        return options, (stop,) if isinstance(stop, str) else tuple(stop)

    def _problem(self, tokens: Tokens, options: Mapping[str, Json]) -> str | None:
        if not tokens.ids:
            return "ENG007 the prompt is empty. Give the prompt some text."
        unknown = next((t for t in tokens.texts if t not in self._vocabulary), None)
        if unknown is not None:
            return (
                f"ENG008 the weights do not know token {unknown!r}. Take tokenizer and weights of one model."
            )
        size, room = len(tokens.ids), int(options["max_length"])
        if self._context is not None and size + room > self._context:
            what = (
                f"the prompt has {size} tokens, the answer up to {room}, the model's context {self._context}"
            )
            return f"ENG009 {what}. Shorten the inputs, or lower maxTokens."
        return None

    def _start(self) -> WorkerProcess:
        if self._worker is None:
            try:
                self._worker = self._started(self._choice)
            except EngineError as error:
                if self._choice.device == "cpu":
                    raise
                if self._require:
                    raise cuda_refused(f"its probe failed ({error.what})") from error
                self._choice = on_cpu(self._profile, f"CUDA did not answer its probe: {error.what}")
                self._worker = self._started(self._choice)
        return self._worker

    def _started(self, choice: Choice) -> WorkerProcess:
        setup = {
            "folder": str(self._folder),
            "kind": self._config.kind,
            "device": choice.device,
            "computeType": choice.compute_type,
            "threads": 1 if self._lanes > 1 else choice.threads,
            "lanes": self._lanes,
            "libraries": choice.libraries,
            "probe": self._ends[0] if self._ends else min(self._vocabulary),
        }
        return WorkerProcess(setup, choice.environment, self._timeout_s)

    @property
    def _lanes(self) -> int:
        """Parallel calls: two single threads beat one call on two threads where the matrices are small.

        A constant, not the number of cores, so that batches are laid out alike on every machine.
        """
        return 2 if self._limits.tiny and self._choice.device == "cpu" else 1

    def _send(self, batch: Batch) -> None:
        self._start().send({"prompts": batch.prompts, "shared": batch.shared, "options": batch.options})

    def _completions(
        self, batch: Batch, prepared: Sequence[Prepared], answer: Mapping[str, Any]
    ) -> Iterator[tuple[int, Completion]]:
        for index, row in zip(batch.indexes, answer["rows"], strict=True):
            ids = [token if isinstance(token, int) else self._tokenizer.id_of(token) or 0 for token in row]
            ended = bool(ids) and ids[-1] in self._end_ids
            text = self._tokenizer.decode(ids[:-1] if ended else ids)
            cut = min(
                (place for place in (text.find(stop) for stop in prepared[index].stop) if place >= 0),
                default=None,
            )
            yield (
                index,
                Completion(
                    text=text if cut is None else text[:cut],
                    prompt_tokens=len(prepared[index].tokens),
                    completion_tokens=len(ids),
                    finish="stop" if ended or cut is not None else "length",
                    seconds=answer["seconds"],
                ),
            )

    @property
    def _end_ids(self) -> frozenset[int | None]:
        return frozenset(self._tokenizer.id_of(token) for token in self._ends)


def _errors(batch: Batch, prepared: Sequence[Prepared], why: str) -> Iterator[tuple[int, Completion]]:
    text = f"ENG010 the model gave no answer, twice: {why}. Look at memory and at the worker's limits."
    for index in batch.indexes:
        yield index, Completion("", len(prepared[index].tokens), 0, error=text)


def _installed() -> str:
    try:
        return importlib.metadata.version("ctranslate2")
    except importlib.metadata.PackageNotFoundError as error:
        raise MissingExtra("promptyard test", "eval") from error


def _vocabulary(folder: Path) -> list[str]:
    for name in ("vocabulary.json", "shared_vocabulary.json"):
        if (folder / name).is_file():
            return [str(token) for token in json.loads((folder / name).read_bytes())]
    raise ValueError("vocabulary.json is missing")


def _end_tokens(folder: Path, vocabulary: frozenset[str]) -> tuple[str, ...]:
    """What ends an answer: the tokenizer's and the converter's end token, those that the weights know."""
    named = [read_json(folder / name).get("eos_token") for name in ("tokenizer_config.json", "config.json")]
    texts = [token_text(token) for token in named if token]
    return tuple(dict.fromkeys(text for text in texts if text in vocabulary))


def _context_tokens(folder: Path) -> int | None:
    limit = read_json(folder / "tokenizer_config.json").get("model_max_length")
    return int(limit) if isinstance(limit, (int, float)) and limit < _UNLIMITED else None


def _short(error: Exception) -> str:
    return f"{Path(str(error.filename)).name} is missing" if isinstance(error, OSError) else str(error)
