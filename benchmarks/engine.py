"""Tokens per second of the local engine against ``transformers.generate`` of the same weights, greedy, same prompts.

transformers runs in this interpreter when it is importable, else in the one that BENCH_TORCH names; the original
weights are read from BENCH_HF (``python -m tools.demo_model --help`` says how they are kept). Without either, its
column says so.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import table
from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.evaluation.engines.batching import Limits
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.weights import digest_of
from registry.rendering.preview import live_of
from registry.settings import Settings
from serve.core.model import ModelConfig

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "prompts" / "models" / "demo-triage"
BATCHES = (1, 8, 32, 64)
PROMPTS, ROUNDS, TOKENS = 64, 3, 24
HEADER = (
    "batch",
    "Promptyard, cpu-f32",
    "Promptyard, fast",
    "transformers, float32",
    "cpu-f32 / transformers",
)
TEAMS = ["card payments", "transfers", "top-ups", "exchange", "identity", "cash", "refunds", "fees"]
TICKETS = (
    "My card was charged twice at the same shop this morning",
    "The transfer that I sent yesterday is still pending",
    "Why did you take a fee for the exchange",
    "The machine kept my card and gave me no cash",
)


def main() -> str:
    """The table."""
    prompts, pinned = ours("cpu-f32")
    _, fast = ours("fast")
    theirs = transformers(prompts)
    rows = [
        (
            batch,
            f"{pinned[batch]:,.0f} tok/s",
            f"{fast[batch]:,.0f} tok/s",
            f"{theirs[batch]:,.0f} tok/s" if theirs else "not measured",
            f"{pinned[batch] / theirs[batch]:.1f}x" if theirs else "",
        )
        for batch in BATCHES
    ]
    title = f"Generated tokens per second, {PROMPTS} prompts, at most {TOKENS} new tokens"
    return table(title, "python -m benchmarks engine", HEADER, rows)


def requests() -> list[Request]:
    """The shipped triage prompt over many tickets, as its suite has it."""
    live = live_of(load(FolderTree(ROOT), Settings()))
    tickets = [f"{TICKETS[n % 4]}, case {n}." for n in range(PROMPTS)]
    renders = [live.render("support/triage", {"teams": TEAMS, "ticket": ticket}) for ticket in tickets]
    return [Request(render.messages, {"maxTokens": TOKENS}) for render in renders]


def ours(profile: str) -> tuple[list[str], dict[int, float]]:
    """The prompts as text, and tokens per second by batch size."""
    config = ModelConfig("demo", "ctranslate2", "demo", context_tokens=1024)
    engine = CTranslate2Engine(
        WEIGHTS, digest_of(WEIGHTS), config, device="cpu", profile="fast" if profile == "fast" else "cpu-f32"
    )
    prepared = engine.prepare(requests())
    speeds = {}
    for batch in BATCHES:
        engine._limits = Limits(rows=batch, tokens=10**9, tiny=True)
        list(engine.complete(prepared[:batch]))
        speeds[batch] = statistics.median(_speed(engine, prepared) for _ in range(ROUNDS))
    engine.close()
    segments = [engine._template.segments(request.messages) for request in requests()]
    return ["".join(s.text for s in pieces) for pieces in segments], speeds


def _speed(engine: CTranslate2Engine, prepared: list) -> float:  # type: ignore[type-arg]
    start = time.perf_counter()
    tokens = sum(completion.completion_tokens for _, completion in engine.complete(prepared))
    return tokens / (time.perf_counter() - start)


def transformers(prompts: list[str]) -> dict[int, float] | None:
    """Tokens per second of ``transformers.generate`` by batch size; None where it cannot be measured here."""
    weights = os.environ.get("BENCH_HF", "")
    python = os.environ.get("BENCH_TORCH") or (sys.executable if importlib.util.find_spec("torch") else "")
    if not python or not Path(weights).is_dir():
        return None
    order = {"weights": weights, "prompts": prompts, "batches": BATCHES, "rounds": ROUNDS, "tokens": TOKENS}
    done = subprocess.run(
        [python, "-c", THEIRS], input=json.dumps(order), capture_output=True, text=True, check=True
    )
    return {int(batch): speed for batch, speed in json.loads(done.stdout.splitlines()[-1]).items()}


THEIRS = """
import json, statistics, sys, time
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
order = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(order["weights"], padding_side="left")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(order["weights"], dtype=torch.float32).eval()

def speed(batch):
    start, tokens = time.perf_counter(), 0
    for n in range(0, len(order["prompts"]), batch):
        given = tokenizer(order["prompts"][n:n + batch], return_tensors="pt", padding=True, add_special_tokens=False)
        given.pop("token_type_ids", None)
        with torch.inference_mode():
            out = model.generate(**given, max_new_tokens=order["tokens"], do_sample=False)
        new = out[:, given["input_ids"].shape[1]:]
        ended = (new == tokenizer.eos_token_id).int()
        tokens += int(((ended.cumsum(1) - ended) == 0).sum())
    return tokens / (time.perf_counter() - start)

found = {}
for batch in order["batches"]:
    speed(64)
    found[batch] = statistics.median(speed(batch) for _ in range(order["rounds"]))
print(json.dumps(found))
"""
