"""A whole ``promptyard test`` against ``transformers.generate`` alone: same weights, prompts and greedy tokens.

The models are random numbers in two shapes, that of the demo model and one of 77 million parameters, so nothing is
downloaded and every answer has the same length. transformers runs in this interpreter when it is importable, else in
the one that BENCH_TORCH names (with the extra ``convert``); without either there is no table. Promptyard's figure is
the whole command with nothing cached, from start to verdict; that of transformers leaves out its imports and loading.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import table
from registry.evaluation.engines.weights import digest_of

ROOT = Path(__file__).parents[1]
TOKENIZER = ROOT / "prompts" / "models" / "demo-triage"
TOKENS, ROUNDS = 24, 3
SHAPES = {
    "demo": {"hidden_size": 192, "intermediate_size": 512, "num_hidden_layers": 5, "num_attention_heads": 6},
    "77M": {
        "hidden_size": 640,
        "intermediate_size": 1792,
        "num_hidden_layers": 15,
        "num_attention_heads": 10,
    },
}
CASES = {"demo": 512, "77M": 32}
BATCHES = (1, 32)
LONG = "Answer in the tone of a calm colleague, and keep to what the ticket says. " * 18
SYSTEMS = {
    "short": "You route support tickets.",
    "300 tokens shared": f"You route support tickets. {LONG}".strip(),
}
TICKETS = (
    "My card was charged twice at the same shop this morning",
    "The transfer that I sent yesterday is still pending",
    "Why did you take a fee for the exchange",
    "The machine kept my card and gave me no cash",
)
HEADER = (
    "model",
    "system prompt",
    "transformers, batch 1",
    "batch 32",
    "promptyard test, cpu-f32",
    "fast",
    "same tokens",
)


def main() -> str:
    """The table."""
    python = os.environ.get("BENCH_TORCH") or (sys.executable if importlib.util.find_spec("torch") else "")
    if not python:
        return "## Answers per second\n\nNot measured: BENCH_TORCH names no interpreter with torch.\n"
    with tempfile.TemporaryDirectory() as scratch:
        rows = [
            row
            for shape in SHAPES
            for folder in [_models(python, shape, Path(scratch) / shape)]
            for system in SYSTEMS
            for row in [_row(python, shape, system, folder)]
        ]
    title = f"Milliseconds per answer of {TOKENS} tokens; in brackets how many times as fast as transformers at batch 1 and 32"
    return table(title, "python -m benchmarks engine", HEADER, rows)


def _models(python: str, shape: str, folder: Path) -> Path:
    order = {"folder": str(folder), "shape": SHAPES[shape], "tokenizer": str(TOKENIZER)}
    _python(python, MAKE, order)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TOKENIZER / name, folder / "int8")
    return folder


def _row(python: str, shape: str, system: str, folder: Path) -> tuple[str, ...]:
    tickets = [f"{TICKETS[n % 4]}, case {n}." for n in range(CASES[shape])]
    registry = _registry(folder, SYSTEMS[system], tickets)
    prompts = _prompts(registry)
    order = {
        "folder": str(folder / "hf"),
        "prompts": list(prompts.values()),
        "batches": BATCHES,
        "tokens": TOKENS,
    }
    rounds = [  # in turn, so that a busy moment of the machine meets all of them
        (_ours(registry, "cpu-f32"), _ours(registry, "fast"), _python(python, THEIRS, order))
        for _ in range(ROUNDS)
    ]
    slow, best = (statistics.median(theirs["ms"][n] for *_, theirs in rounds) for n in range(2))
    said, theirs = rounds[0][0][1], rounds[0][2]["texts"]
    same = sum(said[case] == text for case, text in zip(prompts, theirs, strict=True))
    told = []
    for profile in range(2):
        ms = statistics.median(each[profile][0] for each in rounds) / len(prompts)
        told.append(f"{ms:.2f} ({slow / ms:.1f}x, {best / ms:.1f}x)")
    return shape, system, f"{slow:.2f}", f"{best:.2f}", *told, f"{same} of {len(prompts)}"


def _registry(folder: Path, system: str, tickets: list[str]) -> Path:
    root = folder / "registry"
    shutil.rmtree(root, ignore_errors=True)
    (root / "prompts").mkdir(parents=True)
    shutil.copytree(folder / "int8", root / "prompts" / "weights")
    files = {
        "promptyard.yaml": {"promptyard": 1},
        "prompts/bench.model.yaml": {
            "promptyard": 1, "engine": "ctranslate2", "model": "bench", "contextTokens": 2048,
            "weights": {"path": "weights", "sha256": digest_of(folder / "int8")},
        },
        "prompts/bench.prompt.yaml": {
            "promptyard": 1, "description": "Bench.", "owner": "bench", "model": "bench",
            "modelParameters": {"temperature": 0, "maxTokens": TOKENS},
            "inputs": {"ticket": {"type": "string", "maxLength": 400, "trust": "user"}},
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": "{{ ticket }}"}],
        },
        "prompts/bench.suite.yaml": {
            "promptyard": 1, "prompt": "bench", "policy": {"minPassRate": 0.001},
            "cases": [
                {"id": f"c{n}", "inputs": {"ticket": ticket}, "expect": [{"word-count": {"min": 0}}]}
                for n, ticket in enumerate(tickets)
            ],
        },
    }  # fmt: skip
    for path, value in files.items():
        (root / path).write_text(json.dumps(value), "utf-8")
    return root


def _ours(root: Path, profile: str) -> tuple[float, dict[str, str]]:
    """Milliseconds of the whole command, and each case's answer."""
    record = root / "record.jsonl"
    record.unlink(missing_ok=True)
    command = [sys.executable, "-c", "from registry.cli.main import run; run()", "-C", str(root), "test"]
    command += ["--no-cache", "--device", "cpu", "--profile", profile, "--record", str(record)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    taken = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout + done.stderr)
    lines = [json.loads(line) for line in record.read_text("utf-8").splitlines()]
    return 1000 * taken, {line["case"]: line["completion"]["text"] for line in lines if "completion" in line}


def _prompts(root: Path) -> dict[str, str]:
    """The very text that each case gives the model."""
    from registry.authoring.catalog import load
    from registry.authoring.tree import FolderTree
    from registry.evaluation.engines.chat_template import read_chat_template
    from registry.evaluation.suite import read_suites
    from registry.rendering.preview import live_of
    from registry.settings import Settings

    catalog = load(FolderTree(root), Settings())
    live, template = live_of(catalog), read_chat_template(TOKENIZER)
    (suite,) = read_suites(catalog)[0]
    found = {}
    for case in suite.cases:
        pieces = template.segments(live.render("bench", case.inputs).messages)
        found[case.id] = "".join(piece.text for piece in pieces)
    return found


def _python(python: str, script: str, order: dict) -> dict:  # type: ignore[type-arg]
    done = subprocess.run(
        [python, "-c", script], input=json.dumps(order), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict = json.loads(done.stdout.splitlines()[-1])  # type: ignore[type-arg]
    return found


MAKE = """
import json, sys
from pathlib import Path
import torch
from ctranslate2.converters import TransformersConverter
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
order = json.load(sys.stdin)
said = json.loads((Path(order["tokenizer"]) / "tokenizer_config.json").read_text())
names = {n: said[n] for n in ("bos_token", "eos_token", "pad_token", "unk_token") if said.get(n)}
tokenizer = PreTrainedTokenizerFast(tokenizer_file=order["tokenizer"] + "/tokenizer.json", **names)
torch.manual_seed(1)
config = LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=2048, tie_word_embeddings=False,
                     eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, **order["shape"])
model = LlamaForCausalLM(config)
with torch.no_grad():
    for weights in model.parameters():
        if weights.ndim > 1:
            weights.normal_(0, 0.08)
            # What int8 can hold exactly, so that both compute with the same numbers.
            scale = 127 / weights.abs().amax(1, keepdim=True)
            weights.copy_((weights * scale).round() / scale)
    model.lm_head.weight[tokenizer.eos_token_id] = 0
folder = Path(order["folder"])
model.save_pretrained(folder / "hf"); tokenizer.save_pretrained(folder / "hf")
TransformersConverter(str(folder / "hf")).convert(str(folder / "int8"), quantization="int8")
place = folder / "int8" / "config.json"
held = json.loads(place.read_text())
place.write_text(json.dumps(held | {n: "<|end|>" for n in ("bos_token", "unk_token") if held.get(n, "") is None}))
print("{}")
"""

THEIRS = """
import json, statistics, sys, time
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
order = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(order["folder"], padding_side="left")
model = AutoModelForCausalLM.from_pretrained(order["folder"], dtype=torch.float32).eval()

def run(batch, prompts):
    start, texts = time.perf_counter(), []
    for n in range(0, len(prompts), batch):
        given = tokenizer(prompts[n:n + batch], return_tensors="pt", padding=True, add_special_tokens=False)
        given.pop("token_type_ids", None)
        with torch.inference_mode():
            out = model.generate(**given, max_new_tokens=order["tokens"], do_sample=False)
        texts += tokenizer.batch_decode(out[:, given["input_ids"].shape[1]:], skip_special_tokens=True)
    return 1000 * (time.perf_counter() - start) / len(prompts), texts

run(8, order["prompts"][:8])
few = order["prompts"][:8]
found = [run(batch, few if batch == 1 else order["prompts"]) for batch in order["batches"]]
print(json.dumps({"ms": [ms for ms, _ in found], "texts": found[-1][1]}))
"""
