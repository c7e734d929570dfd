"""On a CUDA machine: the same answers as on the CPU, how fast in which precision, from which batch size on.

``python -m benchmarks gpu`` with the extra ``eval`` and cuBLAS 12 (``pip install nvidia-cublas-cu12``). It runs the demo model,
or the CTranslate2 folder that BENCH_MODEL names. Nothing in CI depends on it; without CUDA it says what is missing.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from benchmarks.measure import table
from registry.errors import EngineError
from registry.evaluation.engines.batching import Limits
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.device import Choice, cuda_missing, on_cpu, on_cuda
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.weights import digest_of
from registry.evaluation.records import Completion
from serve.core.model import ChatMessage, ModelConfig

MODEL = Path(
    os.environ.get("BENCH_MODEL") or Path(__file__).parents[1] / "prompts" / "models" / "demo-triage"
)
TYPES = ("float32", "float16", "bfloat16", "int8_float16", "int8_bfloat16", "int8")
BATCHES = (1, 8, 32, 128, 512)
PROMPTS, TOKENS = 1024, 32
HEADER = (
    "compute",
    "start s",
    *(f"batch {batch}" for batch in BATCHES),
    "as on the CPU",
    "same twice",
    "alone as in company",
)


def main() -> str:
    """The table, or what is missing."""
    missing = cuda_missing()
    if missing is not None:
        return f"## CUDA\n\nNot measured: {missing}.\n"
    requests = _requests()
    truth = _texts(_opened(on_cpu("cpu-f32", "reference")), requests[:128])
    rows = [_row(compute, requests, truth) for compute in TYPES]
    title = f"Generated tokens per second by batch size, {PROMPTS} prompts, {MODEL.name}, on {_card()}"
    return table(title, "python -m benchmarks gpu", HEADER, rows)


def _row(compute: str, requests: list[Request], truth: list[str]) -> tuple[str, ...]:
    started = time.perf_counter()
    engine = None
    try:
        engine = _opened(on_cuda("benchmark", compute))
        list(engine.complete(engine.prepare(requests[:1])))
        start_s = time.perf_counter() - started
        speeds = [_speed(engine, requests, batch) for batch in BATCHES]
        engine._limits = Limits(rows=128, tokens=10**9, tiny=True)
        first, second = _answered(engine, requests[:128]), _answered(engine, requests[:128])
        engine._limits = Limits(rows=1, tokens=10**9, tiny=True)
        alone = _answered(engine, requests[:128])
    except EngineError as error:
        return (compute, f"refused: {error.what[-80:]}", *([""] * (len(HEADER) - 2)))
    finally:
        if engine is not None:
            engine.close()
    same = [f"{sum(a == b for a, b in zip(one, two, strict=True))} of {len(one)}"
            for one, two in ((truth, first), (first, second), (first, alone))]  # fmt: skip
    return (compute, f"{start_s:.1f}", *(f"{speed:,.0f}" for speed in speeds), *same)


def _opened(choice: Choice) -> CTranslate2Engine:
    config = ModelConfig("bench", "ctranslate2", "bench", context_tokens=1024)
    return CTranslate2Engine(MODEL, digest_of(MODEL), config, choice=choice, require=True)


def _requests() -> list[Request]:
    system = ChatMessage(
        "system", "You route support tickets to a team. Teams: cards, transfers, refunds, fees."
    )
    return [
        Request(
            (system, ChatMessage("user", f"My card {n} was charged {n % 7} times.")), {"maxTokens": TOKENS}
        )
        for n in range(PROMPTS)
    ]


def _speed(engine: CTranslate2Engine, requests: list[Request], batch: int) -> float:
    engine._limits = Limits(rows=batch, tokens=10**9, tiny=True)
    prepared = engine.prepare(requests[: max(batch * 4, 64)])
    list(engine.complete(prepared[:batch]))
    start = time.perf_counter()
    tokens = sum(completion.completion_tokens for _, completion in engine.complete(prepared))
    return tokens / (time.perf_counter() - start)


def _answered(engine: CTranslate2Engine, requests: list[Request]) -> list[str]:
    found: dict[int, Completion] = dict(engine.complete(engine.prepare(requests)))
    return [found[n].error or found[n].text for n in range(len(requests))]


def _texts(engine: CTranslate2Engine, requests: list[Request]) -> list[str]:
    try:
        return _answered(engine, requests)
    finally:
        engine.close()


def _card() -> str:
    command = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "CUDA"
    return "; ".join(done.stdout.strip().splitlines()) or "CUDA"
