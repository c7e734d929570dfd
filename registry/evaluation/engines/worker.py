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
from typing import Any, BinaryIO


class Worker:
    """One model on one device."""

    def __init__(self, setup: dict[str, Any]) -> None:
        for library in setup["libraries"]:
            ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
        import ctranslate2

        self._engine = ctranslate2
        self._class = ctranslate2.Translator if setup["kind"] == "translator" else ctranslate2.Generator
        self._translates = setup["kind"] == "translator"
        self._setup = setup
        self._model = self._load()
        self._probe()

    def answer(self, task: dict[str, Any]) -> dict[str, Any]:
        """Ids per row, and the seconds that the call took."""
        options = dict(task["options"])
        seed = options.pop("seed", None)
        model = self._model if seed is None else self._seeded(seed)
        started = time.perf_counter()
        rows = self._generate(model, task["prompts"], task["shared"], options)
        return {"rows": rows, "seconds": time.perf_counter() - started}

    def _load(self) -> Any:
        setup = self._setup
        return self._class(
            setup["folder"],
            device=setup["device"],
            compute_type=setup["computeType"],
            inter_threads=setup["lanes"],
            intra_threads=setup["threads"],
        )

    def _seeded(self, seed: int) -> Any:
        """A fresh model: a seed reaches only threads that have not sampled yet."""
        self._engine.set_random_seed(seed)
        return self._load()

    def _probe(self) -> None:
        """One token, so that a device that loads but cannot compute is found before the first case."""
        token = self._setup["probe"]
        self._generate(self._model, [[token]], [], {"max_length": 1})

    def _generate(
        self, model: Any, prompts: list[list[str]], shared: list[str], options: dict[str, Any]
    ) -> list[list[int]] | list[list[str]]:
        options = {**options, "max_batch_size": -(-len(prompts) // self._setup["lanes"])}
        if self._translates:
            options = {
                "beam_size": 1,
                "max_input_length": 0,
                "max_decoding_length": options.pop("max_length"),
                **options,
            }
            options.pop("return_end_token", None)
            results = model.translate_batch(prompts, return_end_token=True, **options)
            return [result.hypotheses[0] for result in results]
        if shared:
            options |= {"static_prompt": shared, "cache_static_prompt": False}
        results = model.generate_batch(
            prompts, include_prompt_in_result=False, return_end_token=True, **options
        )
        return [result.sequences_ids[0] for result in results]


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
            say({"error": f"{type(error).__name__}: {error}"})


def main() -> None:
    """Keep the pipe for answers and send everything that libraries print to the error stream."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
