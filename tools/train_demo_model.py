"""Trains the small model that ships in ``prompts/models/demo-triage``, from scratch and without a network.

    pip install 'promptyard[convert,eval]'
    python tools/train_demo_model.py --data FOLDER --out prompts/models/demo-triage

``FOLDER`` holds ``train.csv`` of banking77 (PolyAI, CC BY 4.0), with the columns ``text`` and ``category``. Seeded and counted in
steps: the same machine and torch give the same weights. About twenty minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from demo_model import convert, vocabulary
from demo_model.network import Shape
from demo_model.tickets import read
from demo_model.train import Plan, tokenizer_for, train


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
    parser.add_argument("--steps", type=int, default=Plan().steps, help="training steps (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=Plan().seed, help="seed (default: %(default)s)")
    options = parser.parse_args()

    shape, plan = Shape(), Plan(steps=options.steps, seed=options.seed)
    tickets = read(options.data, "train")
    tokenizer = tokenizer_for(tickets, shape, plan.seed)
    wall, cpu = time.monotonic(), time.process_time()
    model = convert.to_llama(train(tickets, tokenizer, shape, plan, lambda line: print(line, flush=True)))
    print(f"trained in {time.monotonic() - wall:.0f} s wall, {time.process_time() - cpu:.0f} s CPU")
    with tempfile.TemporaryDirectory() as scratch:
        convert.convert(model, tokenizer, Path(scratch), options.out, shape.context)
    if options.hf is not None:
        model.save_pretrained(options.hf)
        vocabulary.save(tokenizer, options.hf, shape.context)
    parameters = sum(weight.numel() for weight in model.parameters())
    print(f"{parameters:,} parameters, {convert.size_bytes(options.out):,} bytes")
    print(f"weights: {{path: {options.out.name}, sha256: {convert.digest(options.out)}}}")


if __name__ == "__main__":
    main()
