"""Makes the tiny random models that the engine's tests run on, with what transformers says to each.

    pip install 'promptyard[convert,eval]'
    python tools/tiny_models.py tests/registry/evaluation/engines/tiny

Nothing is trained: seeded random numbers in the shape of a T5 1.1 and of a BERT, on the tokenizer of the demo model, so
that the files are ours whole. Weights are rounded to float16 first, so that what is stored is exactly what transformers
computed with.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
import transformers
from ctranslate2.converters import TransformersConverter

from registry.evaluation.engines.convert import name_missing_tokens
from registry.evaluation.engines.mending import mended_converter

TOKENIZER = Path(__file__).parents[1] / "prompts" / "models" / "demo-triage"
TEXTS = ("My card was charged twice.", "Where is my transfer?", "Send the refund to my account, please.")
CHOICES = ("cards", "transfers", "a refund")
NEW_TOKENS = 8


def tokenizer() -> Any:
    """The demo model's tokenizer, as transformers has it."""
    said = json.loads((TOKENIZER / "tokenizer_config.json").read_bytes())
    names = ("bos_token", "eos_token", "pad_token", "unk_token")
    tokens = {name: said[name] for name in names if said.get(name)}
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER / "tokenizer.json"), **tokens)


def seeded(model: Any) -> Any:
    """The model with numbers that float16 holds exactly."""
    source = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.copy_(torch.randn(weights.shape, generator=source) * 0.4)
            weights.copy_(weights.half().float())
    return model.eval()


def t5(tokens: Any) -> tuple[Any, list[dict[str, Any]]]:
    """A T5 1.1 with what it answers, and the log-probabilities that it gives each choice."""
    pad, end = tokens.pad_token_id, tokens.eos_token_id
    config = transformers.T5Config(
        vocab_size=len(tokens), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, pad_token_id=pad, eos_token_id=end,
        decoder_start_token_id=pad,
    )  # fmt: skip
    model = seeded(transformers.T5ForConditionalGeneration(config))
    found = []
    for text in TEXTS:
        ids = torch.tensor([[*tokens(text, add_special_tokens=False).input_ids]])
        said = model.generate(ids, max_new_tokens=NEW_TOKENS, do_sample=False)[0].tolist()[1:]
        scores = []
        for choice in CHOICES:
            labels = torch.tensor([[*tokens(choice, add_special_tokens=False).input_ids, end]])
            logs = model(ids, labels=labels).logits.log_softmax(-1)
            scores.append(float(logs.gather(-1, labels.unsqueeze(-1)).sum()))
        found.append(
            {"text": text, "answer": tokens.decode(said, skip_special_tokens=True), "choices": scores}
        )
    return model, found


def bert(tokens: Any) -> tuple[Any, list[dict[str, Any]]]:
    """A BERT with the mean of its states for each text, brought to length 1."""
    config = transformers.BertConfig(
        vocab_size=len(tokens), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64,
    )  # fmt: skip
    config.position_embedding_type = "absolute"
    model = seeded(transformers.BertModel(config))
    found = []
    for text in TEXTS:
        ids = torch.tensor([tokens(text, add_special_tokens=False).input_ids])
        vector = model(ids).last_hidden_state[0].mean(0)
        found.append({"text": text, "vector": (vector / vector.norm()).tolist()})
    return model, found


def main() -> None:
    """Writes ``t5`` and ``bert`` below the folder that is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the models")
    out = parser.parse_args().out
    tokens = tokenizer()
    for make in (t5, bert):
        with torch.inference_mode():
            model, expected = make(tokens)
        target = out / make.__name__
        shutil.rmtree(target, ignore_errors=True)
        with tempfile.TemporaryDirectory() as scratch:
            model.save_pretrained(scratch)
            tokens.save_pretrained(scratch)
            converter: TransformersConverter = mended_converter(scratch)[0]
            converter.convert(str(target), quantization="float16")
        name_missing_tokens(target / "config.json")
        for name in ("vocabulary.json", "shared_vocabulary.json"):
            (target / name).unlink(missing_ok=True)
        told = {"transformers": transformers.__version__, "choices": CHOICES, "texts": expected}
        (target / "expected.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
