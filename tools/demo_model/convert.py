"""From the trained network to the folder that ships: Llama weights, CTranslate2's converter, int8, parity.

The converter is CTranslate2's own. Never decides whether a converted model may ship: the training command does, by its parity.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import ctranslate2
import torch
from demo_model import vocabulary
from demo_model.network import Network
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

from registry.authoring.weights import CARD


def to_llama(network: Network) -> LlamaForCausalLM:
    """The same weights as a Hugging Face model."""
    shape = network.shape
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=shape.vocabulary,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads,
            intermediate_size=shape.feed_forward,
            max_position_embeddings=shape.context,
            rms_norm_eps=shape.epsilon,
            tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": shape.rope_theta},
            bos_token_id=0,
            eos_token_id=0,
            pad_token_id=0,
        )
    )
    model.model.load_state_dict(network.state_dict())
    model.tie_weights()
    return model.eval()


def convert(model: LlamaForCausalLM, tokenizer: Tokenizer, work: Path, target: Path, context: int) -> None:
    """Fills ``target`` with the int8 model and its tokenizer; a model card already there stays."""
    original = work / "original"
    model.save_pretrained(original)
    vocabulary.save(tokenizer, original, context)
    converted = work / "converted"
    converter = ctranslate2.converters.TransformersConverter(str(original))
    converter.convert(str(converted), quantization="int8", force=True)
    target.mkdir(parents=True, exist_ok=True)
    for name in ("model.bin", "config.json", "vocabulary.json"):
        shutil.copyfile(converted / name, target / name)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(original / name, target / name)


def parity(
    model: LlamaForCausalLM, target: Path, prompts: list[list[str]], ids: list[list[int]], most: int = 24
) -> int:
    """How many of the prompts give the same greedy tokens in torch and in the folder computed as float32."""
    engine = ctranslate2.Generator(str(target), device="cpu", compute_type="float32", intra_threads=2)
    answers = engine.generate_batch(
        prompts, max_length=most, sampling_topk=1, include_prompt_in_result=False, end_token=vocabulary.END
    )
    same = 0
    for prompt, answer in zip(ids, answers, strict=True):
        with torch.no_grad():
            whole = model.generate(torch.tensor([prompt]), max_new_tokens=most, do_sample=False)[
                0, len(prompt) :
            ]
        same += [token for token in whole.tolist() if token != 0] == list(answer.sequences_ids[0])
    return same


def size_bytes(folder: Path) -> int:
    """Bytes of everything in the folder except the model card."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != CARD)
