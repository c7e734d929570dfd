"""On a CUDA machine: the same answers as on the CPU, how fast in which precision, from which batch size on.

``python -m benchmarks gpu`` with the extra ``eval`` and cuBLAS 12 (``pip install nvidia-cublas-cu12``); without CUDA it
says what is missing. ``python -m benchmarks.gpu --device cpu`` makes the same table on the CPU, small, to see that the
table itself is right. It runs the demo model, or the CTranslate2 folder of --model (or BENCH_MODEL), which should be as
large as those that are meant to run there: on 2 million parameters a GPU only waits. Nothing in CI depends on it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from benchmarks.measure import table
from registry.errors import EngineError
from registry.evaluation.engines.batching import Limits
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.device import Choice, cuda_missing, on_cpu, on_cuda
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.weights import digest_of
from registry.evaluation.records import Completion
from serve.core.model import ChatMessage, ModelConfig

DEMO = Path(__file__).parents[1] / "prompts" / "models" / "demo-triage"
MODEL = Path(os.environ.get("BENCH_MODEL") or DEMO)
TYPES = {
    "cuda": ("float32", "float16", "bfloat16", "int8_float16", "int8_bfloat16", "int8"),
    "cpu": ("float32", "int8_float32", "float16"),
}
BATCHES = {"cuda": (1, 8, 32, 128, 512), "cpu": (1, 8, 32)}
TOKENS, COMPARED = 32, 128
Device = Literal["cuda", "cpu"]


def main(device: Device = "cuda", model: Path = MODEL) -> str:
    """The table, or what is missing."""
    missing = cuda_missing() if device == "cuda" else None
    if missing is not None:
        return f"## CUDA\n\nNot measured: {missing}.\n"
    batches = BATCHES[device]
    requests = _requests(max(64, 4 * batches[-1], COMPARED))
    truth = _all(_opened(model, on_cpu("cpu-f32", "reference")), requests[:COMPARED])
    rows = [_row(model, choice, batches, requests, truth) for choice in _choices(device)]
    header = ("compute", "start s", *(f"batch {batch}" for batch in batches), "as on the CPU",
              "log-probabilities off by", "same twice", "alone as in company")  # fmt: skip
    title = f"Generated tokens per second by batch, {len(requests)} prompts, {model.name}, on {_card(device)}"
    return table(title, f"python -m benchmarks.gpu --device {device}", header, rows)


def _choices(device: Device) -> list[Choice]:
    if device == "cuda":
        return [on_cuda("benchmark", compute) for compute in TYPES[device]]
    return [replace(on_cpu("fast", "benchmark"), compute_type=compute) for compute in TYPES[device]]


def _row(
    model: Path,
    choice: Choice,
    batches: Sequence[int],
    requests: Sequence[Request],
    truth: Sequence[Completion],
) -> tuple[str, ...]:
    started = time.perf_counter()
    engine = None
    try:
        engine = _opened(model, choice)
        engine.prepare(requests[:1])
        _answered(engine, requests[:1])
        start_s = time.perf_counter() - started
        speeds = [_speed(engine, requests, batch) for batch in batches]
        first, second = (_in_batches(engine, requests[:COMPARED], COMPARED) for _ in range(2))
        alone = _in_batches(engine, requests[:COMPARED], 1)
    except EngineError as error:
        why = error.what.rpartition(": ")[2][:100]
        return (choice.compute_type, f"refused: {why}", *[""] * (len(batches) + 4))
    finally:
        if engine is not None:
            engine.close()
    cells = (_same(truth, first), _apart(truth, first), _same(first, second), _same(first, alone))
    return (choice.compute_type, f"{start_s:.1f}", *(f"{speed:,.0f}" for speed in speeds), *cells)


def _same(one: Sequence[Completion], two: Sequence[Completion]) -> str:
    same = sum(a.text == b.text and not a.error and not b.error for a, b in zip(one, two, strict=True))
    return f"{same} of {len(one)}"


def _apart(one: Sequence[Completion], two: Sequence[Completion]) -> str:
    """The largest difference of a token's log-probability where both wrote the same."""
    gaps = [
        abs(x - y)
        for a, b in zip(one, two, strict=True)
        if a.text == b.text and len(a.logprobs) == len(b.logprobs)
        for x, y in zip(a.logprobs, b.logprobs, strict=True)
    ]
    return f"{max(gaps):.1e}" if gaps else "-"


def _opened(model: Path, choice: Choice) -> CTranslate2Engine:
    config = ModelConfig("bench", "ctranslate2", "bench", context_tokens=1024)
    return CTranslate2Engine(model, digest_of(model), config, choice=choice, require=True)


def _requests(count: int) -> list[Request]:
    system = ChatMessage(
        "system", "You route support tickets to a team. Teams: cards, transfers, refunds, fees."
    )
    return [
        Request(
            (system, ChatMessage("user", f"My card {n} was charged {n % 7} times.")),
            {"maxTokens": TOKENS},
            logprobs=n < COMPARED,
        )
        for n in range(count)
    ]


def _speed(engine: CTranslate2Engine, requests: Sequence[Request], batch: int) -> float:
    engine._limits = Limits(rows=batch, tokens=10**9, tiny=True)
    plain = [replace(request, logprobs=False) for request in requests[: max(batch * 4, 64)]]
    prepared = engine.prepare(plain)
    list(engine.complete(prepared[:batch]))
    start = time.perf_counter()
    tokens = sum(completion.completion_tokens for _, completion in engine.complete(prepared))
    return tokens / (time.perf_counter() - start)


def _in_batches(engine: CTranslate2Engine, requests: Sequence[Request], rows: int) -> list[Completion]:
    engine._limits = Limits(rows=rows, tokens=10**9, tiny=True)
    return _answered(engine, requests)


def _answered(engine: CTranslate2Engine, requests: Sequence[Request]) -> list[Completion]:
    found: dict[int, Completion] = dict(engine.complete(engine.prepare(requests)))
    return [found[n] for n in range(len(requests))]


def _all(engine: CTranslate2Engine, requests: Sequence[Request]) -> list[Completion]:
    try:
        return _answered(engine, requests)
    finally:
        engine.close()


def _card(device: Device) -> str:
    if device == "cpu":
        return "the CPU"
    command = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "CUDA"
    return "; ".join(done.stdout.strip().splitlines()) or "CUDA"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Answers and speed by precision and batch size.")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--model", type=Path, default=MODEL, help="a CTranslate2 folder with its tokenizer")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    print(main(given.device, given.model))
