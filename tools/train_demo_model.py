"""Trains the small model that ships in ``prompts/models/demo-triage``, from scratch and without a network.

    pip install 'promptyard[convert,eval]'
    python tools/train_demo_model.py --data FOLDER --out prompts/models/demo-triage

``FOLDER`` holds ``train.csv`` of banking77 (PolyAI, CC BY 4.0), with the columns ``text`` and ``category``. Seeded, counted in
steps, no clock and no set order involved. About twenty minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from random import Random

from demo_model import convert, vocabulary
from demo_model.batches import Writer, groups
from demo_model.network import Shape
from demo_model.tickets import Supply, read
from demo_model.train import Plan, tokenizer_for, train

from registry.evaluation.engines.weights import digest_of

PARITY_PROMPTS = 64
LEAST_PARITY = 0.98  # rounding to int8 may turn a near tie; more than that is a fault of the conversion


def questions(supply: Supply, writer: Writer) -> list[list[int]]:
    """Full prompts with a ticket each, as token ids up to where the answer begins."""
    groups_of_one = groups(writer, supply, Random(1), 1.0, PARITY_PROMPTS, 1)
    return [[*group.prefix, *ids[:answer]] for group in groups_of_one for ids, answer, _ in group.blocks]


def main() -> None:
    """Trains, converts, and says what to write into the model file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with banking77's train.csv")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the int8 model; a README.md there stays"
    )
    parser.add_argument("--hf", type=Path, help="also write the float32 model here, for transformers")
    parser.add_argument(
        "--steps", type=int, default=Plan().steps, help="training steps (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=Plan().seed, help="seed (default: %(default)s)")
    options = parser.parse_args()

    shape, plan = Shape(), Plan(steps=options.steps, seed=options.seed)
    tickets = read(options.data, "train")
    tokenizer = tokenizer_for(tickets, shape, plan.seed)
    wall, cpu = time.monotonic(), time.process_time()
    model = convert.to_llama(train(tickets, tokenizer, shape, plan, lambda line: print(line, flush=True)))
    print(f"trained in {time.monotonic() - wall:.0f} s wall, {time.process_time() - cpu:.0f} s CPU")
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        convert.convert(model, tokenizer, Path(scratch), made, shape.context)
        ids = questions(Supply(tickets, Random(0)), Writer(tokenizer))
        strings = [[tokenizer.id_to_token(token) for token in prompt] for prompt in ids]
        same = convert.parity(model, made, strings, ids)
        print(f"{same} of {len(ids)} greedy answers are equal after conversion")
        if same < LEAST_PARITY * len(ids):
            raise SystemExit("The conversion changed the answers; nothing was written.")
        shutil.copytree(made, options.out, dirs_exist_ok=True)
    if options.hf is not None:
        model.save_pretrained(options.hf)
        vocabulary.save(tokenizer, options.hf, shape.context)
    parameters = sum(weight.numel() for weight in model.parameters())
    print(f"{parameters:,} parameters, {convert.size_bytes(options.out):,} bytes")
    print(f"weights: {{path: {options.out.name}, sha256: {digest_of(options.out)}}}")


if __name__ == "__main__":
    main()
