"""The process that holds the weights: one JSON line in, one JSON line out, until the input ends.

It is started as a script in a fresh interpreter, because a forked copy of the engine hangs, and because
the variables that pin its arithmetic count only when they are set before its library is loaded.
It must never import the rest of Promptyard, nor write anything but answers to its output.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from collections import defaultdict
from typing import Any, BinaryIO

_MEMORY = ("out of memory", "bad_alloc", "alloc_failed", "cannot allocate", "failed to allocate")

_KEPT_TOKENS = 2048  # of beginnings whose state is kept; a tenth of the weights' memory in large models


class Worker:
    """One model on one device."""

    def __init__(self, setup: dict[str, Any]) -> None:
        for library in setup["libraries"]:
            ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
        import ctranslate2

        self._engine = ctranslate2
        self._kind = setup["kind"]
        self._setup = setup
        self._kept: set[tuple[str, ...]] = set()
        self._model = self._load()
        self._probe()

    def forget(self) -> None:
        """Give back the memory of kept beginnings: only a fresh model does."""
        if self._kept:
            self._kept.clear()
            self._model = None
            self._model = self._load()

    def answer(self, task: dict[str, Any]) -> dict[str, Any]:
        """Rows, and the seconds that the call took."""
        started = time.perf_counter()
        rows = getattr(self, f"_{task['do']}")(task)
        return {"rows": rows, "seconds": time.perf_counter() - started}

    def _load(self) -> Any:
        setup = self._setup
        named = {"generator": "Generator", "translator": "Translator", "encoder": "Encoder"}[self._kind]
        return getattr(self._engine, named)(
            setup["folder"],
            device=setup["device"],
            device_index=setup["index"],
            compute_type=setup["computeType"],
            inter_threads=setup["lanes"],
            intra_threads=setup["threads"],
        )

    def _probe(self) -> None:
        """One token, so that a device that loads but cannot compute is found before the first case."""
        token = self._setup["probe"]
        if self._kind == "encoder":
            self._embed({"prompts": [[token]], "options": {"pooling": "mean", "normalise": True}})
        else:
            self._generate({"prompts": [[token]], "shared": [], "options": {"max_length": 1}})

    def _generate(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """For each prompt its tokens: ids of a generator, texts of a translator; log-probabilities on request."""
        prompts, options = task["prompts"], dict(task["options"])
        seed, wanted = options.pop("seed", None), options.pop("logprobs", False)
        model = self._model if seed is None else self._seeded(seed)
        # A seeded call is one batch: its rows draw from one source, in turn.
        lanes = self._setup["lanes"] if seed is None else 1
        options |= {"max_batch_size": -(-len(prompts) // lanes), "return_end_token": True}
        heard: dict[int, list[float]] = defaultdict(list)
        if wanted:
            options |= {
                "return_scores": True,
                "callback": lambda step: heard[step.batch_id].append(step.log_prob),
            }
        if self._kind == "translator":
            found: list[list[Any]] = self._translated(model, prompts, options)
        else:
            found = self._generated(model, prompts, task, options)
        return [
            {"tokens": tokens, "logprobs": heard[n][len(heard[n]) - len(tokens) :]}
            for n, tokens in enumerate(found)
        ]

    def _seeded(self, seed: int) -> Any:
        """A fresh model: a seed reaches only threads that have not sampled yet."""
        self._engine.set_random_seed(seed)
        return self._load()

    def _generated(
        self, model: Any, prompts: list[list[str]], task: dict[str, Any], options: dict[str, Any]
    ) -> list[list[Any]]:
        if task["shared"]:
            kept = model is self._model and task.get("again", False) and self._keeps(tuple(task["shared"]))
            options |= {"static_prompt": task["shared"], "cache_static_prompt": kept}
        results = model.generate_batch(prompts, include_prompt_in_result=False, **options)
        return [result.sequences_ids[0] for result in results]

    def _keeps(self, shared: tuple[str, ...]) -> bool:
        """True where the state after this beginning is kept for other calls: the library never lets go of one."""
        if shared not in self._kept and sum(map(len, self._kept)) + len(shared) <= _KEPT_TOKENS:
            self._kept.add(shared)
        return shared in self._kept

    def _translated(self, model: Any, prompts: list[list[str]], options: dict[str, Any]) -> list[list[Any]]:
        longest = options.pop("max_length")
        results = model.translate_batch(
            prompts, beam_size=1, max_input_length=0, max_decoding_length=longest, **options
        )
        return [result.hypotheses[0] for result in results]

    def _score(self, task: dict[str, Any]) -> list[list[list[float]]]:
        """For each prompt and each choice the log-probabilities of the choice's tokens."""
        choices = task["options"]["choices"]
        prompts = [[*task["shared"], *prompt] for prompt in task["prompts"]]
        limits = {"max_input_length": 0, "max_batch_size": task["options"]["room"], "batch_type": "tokens"}
        if self._kind == "translator":
            sources = [prompt for prompt in prompts for _ in choices]
            results = self._model.score_batch(sources, choices * len(prompts), **limits)
            rows = [result.log_probs for result in results]
        else:
            full = [[*prompt, *choice] for prompt in prompts for choice in choices]
            results = self._model.score_batch(full, **limits)
            rows = [
                result.log_probs[-len(choice) :]
                for result, choice in zip(results, choices * len(prompts), strict=True)
            ]
        return [rows[n : n + len(choices)] for n in range(0, len(rows), len(choices))]

    def _embed(self, task: dict[str, Any]) -> list[list[float]]:
        """One vector for each row of tokens, in the way the model was trained to be read."""
        import numpy as np

        rows, options = task["prompts"], task["options"]
        found = self._model.forward_batch(rows)
        states = found.last_hidden_state
        if self._setup["device"] != "cpu":
            states = states.to_device(self._engine.Device.cpu)
        states = np.array(states).astype(np.float64)
        if options["pooling"] == "first":
            vectors = states[:, 0]
        else:
            lengths = np.array([len(row) for row in rows])
            inside = (np.arange(states.shape[1]) < lengths[:, None])[..., None]
            vectors = (states * inside).sum(1) / lengths[:, None]
        if options["normalise"]:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        found_rows: list[list[float]] = vectors.tolist()
        return found_rows


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Load what the first line names, then answer each further line."""

    def say(value: dict[str, Any]) -> None:
        sink.write(json.dumps(value).encode() + b"\n")
        sink.flush()

    try:
        worker = Worker(json.loads(source.readline()))
    except Exception as error:  # noqa: BLE001  # whatever the library raises is the answer
        say({"ready": False, "error": f"{type(error).__name__}: {error}"})
        return
    say({"ready": True})
    for line in source:
        try:
            say(worker.answer(json.loads(line)))
        except Exception as error:  # noqa: BLE001  # out of memory and the like; the parent decides
            told = f"{type(error).__name__}: {error}"
            short = isinstance(error, MemoryError) or any(word in told.lower() for word in _MEMORY)
            if short:
                worker.forget()
            say({"error": told, "memory": short})


def main() -> None:
    """Keep the pipe for answers and send everything that libraries print to the error stream."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
