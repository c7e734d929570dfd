"""The models of the engine benchmark, in the two forms that are compared: one set of numbers, two programs.

    python llama_models.py demo FOLDER-OF-THE-DEMO-MODEL OUT     the shipped int8 weights, back in transformers' form
    python llama_models.py 77M FOLDER-OF-THE-DEMO-MODEL OUT      77 million seeded random numbers, converted to int8 too

Needs torch, transformers and ctranslate2. It must never give the two programs different numbers: random weights are
rounded to what int8 can hold before either gets them.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ctranslate2.converters import TransformersConverter
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

DEMO = {"hidden_size": 192, "intermediate_size": 512, "num_hidden_layers": 5, "num_attention_heads": 6}
LARGE = {"hidden_size": 640, "intermediate_size": 1792, "num_hidden_layers": 15, "num_attention_heads": 10}
_TYPES = {0: "f4", 1: "i1", 2: "i2", 3: "i4", 4: "f2"}


def main(name: str, source: Path, target: Path) -> None:
    """Write ``target/hf``, and ``target/int8`` where the model is new."""
    tokenizer = _tokenizer(source)
    if name == "demo":
        model = _empty(tokenizer, DEMO | {"num_key_value_heads": 2, "tie_word_embeddings": True})
        _fill(model, _read(source / "model.bin"))
    else:
        model = _empty(tokenizer, LARGE | {"tie_word_embeddings": False})
        _scatter(model, tokenizer.eos_token_id)
    model.save_pretrained(target / "hf")
    tokenizer.save_pretrained(target / "hf")
    if name != "demo":
        TransformersConverter(str(target / "hf")).convert(str(target / "int8"), quantization="int8")
        _name_tokens(target / "int8" / "config.json")


def _tokenizer(source: Path) -> Any:
    said = json.loads((source / "tokenizer_config.json").read_text())
    names = {n: said[n] for n in ("bos_token", "eos_token", "pad_token", "unk_token") if said.get(n)}
    made = PreTrainedTokenizerFast(tokenizer_file=str(source / "tokenizer.json"), **names)
    made.chat_template = said["chat_template"]
    return made


def _empty(tokenizer: Any, shape: dict[str, Any]) -> Any:
    end = tokenizer.eos_token_id
    settings = {
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-5,
        "eos_token_id": end,
        "pad_token_id": end,
    }
    return LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **settings, **shape)).eval()


def _scatter(model: Any, end: int) -> None:
    """Seeded numbers on int8's grid; the end token is never the likeliest, so every answer has the full length."""
    torch.manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.08)
                scale = 127 / weights.abs().amax(1, keepdim=True)
                weights.copy_((weights * scale).round() / scale)
        model.lm_head.weight[end] = 0


def _fill(model: Any, found: dict[str, Any]) -> None:
    """Put the shipped weights where transformers keeps them; queries, keys and values lie in one matrix there."""
    config = model.config
    size = config.hidden_size // config.num_attention_heads
    parts = [config.hidden_size, *[config.num_key_value_heads * size] * 2]
    put = {
        "model.embed_tokens": found["decoder/embeddings/weight"],
        "model.norm": found["decoder/layer_norm/gamma"],
    }
    for n in range(config.num_hidden_layers):
        ours, theirs = f"decoder/layer_{n}", f"model.layers.{n}"
        queries, keys, values = np.split(
            found[f"{ours}/self_attention/linear_0/weight"], np.cumsum(parts)[:-1]
        )
        put |= {
            f"{theirs}.self_attn.q_proj": queries,
            f"{theirs}.self_attn.k_proj": keys,
            f"{theirs}.self_attn.v_proj": values,
            f"{theirs}.self_attn.o_proj": found[f"{ours}/self_attention/linear_1/weight"],
            f"{theirs}.mlp.gate_proj": found[f"{ours}/ffn/linear_0/weight"],
            f"{theirs}.mlp.up_proj": found[f"{ours}/ffn/linear_0_noact/weight"],
            f"{theirs}.mlp.down_proj": found[f"{ours}/ffn/linear_1/weight"],
            f"{theirs}.input_layernorm": found[f"{ours}/self_attention/layer_norm/gamma"],
            f"{theirs}.post_attention_layernorm": found[f"{ours}/ffn/layer_norm/gamma"],
        }
    state = {f"{name}.weight": torch.tensor(value) for name, value in put.items()}
    told = model.load_state_dict(state, strict=False)
    if told.unexpected_keys or set(told.missing_keys) - {"lm_head.weight"}:
        raise SystemExit(f"the weights do not fit: {told}")
    model.tie_weights()


def _read(file: Path) -> dict[str, Any]:
    """The variables of a CTranslate2 model, int8 rows brought back to numbers.

    Source: CTranslate2, ctranslate2/specs/model_spec.py, binary version 6.
    """
    variables = dict(_variables(file.read_bytes()))
    for name in [name for name in variables if name.endswith("_scale")]:
        weights = variables[name.removesuffix("_scale")]
        variables[name.removesuffix("_scale")] = (weights / variables[name].reshape(-1, 1)).astype("f4")
    return variables


def _variables(data: bytes) -> Iterator[tuple[str, Any]]:
    place = 0

    def take(form: str) -> int:
        nonlocal place
        (value,) = struct.unpack_from("<" + form, data, place)
        place += struct.calcsize(form)
        return int(value)

    def text() -> str:
        nonlocal place
        size = take("H")
        place += size
        return data[place - size : place - 1].decode()

    take("I"), text(), take("I")
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind, size = _TYPES[take("B")], take("I")
        yield name, np.frombuffer(data, kind, size // np.dtype(kind).itemsize, place).reshape(shape)
        place += size


def _name_tokens(config: Path) -> None:
    """The engine refuses a model whose special tokens are null."""
    held = json.loads(config.read_text())
    missing = {name: "<|end|>" for name in ("bos_token", "unk_token") if held.get(name, "") is None}
    config.write_text(json.dumps(held | missing))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
