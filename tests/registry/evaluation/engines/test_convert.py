"""Real conversions need the extra ``convert``: ``pip install 'promptyard[convert,eval]'``, then this file runs whole."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.models import WEIGHTS

from registry.errors import EngineError, MissingExtra
from registry.evaluation.engines import mending
from registry.evaluation.engines.convert import convert, convert_folder, name_missing_tokens

converter = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("torch", "transformers"))), reason="needs the extra convert"
)
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}
GEMMA = {"head_dim": 16, "sliding_window": 32, "layer_types": ["sliding_attention", "full_attention"]}


def original(folder: Path, name: str, **changes: Any) -> Path:
    """A tiny random model as transformers writes it."""
    import torch
    import transformers

    vocabulary = json.loads((WEIGHTS / "vocabulary.json").read_bytes())
    said = json.loads((WEIGHTS / "tokenizer_config.json").read_bytes())
    names = ("bos_token", "eos_token", "pad_token", "unk_token")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(WEIGHTS / "tokenizer.json"), **{n: said[n] for n in names if said.get(n)}
    )
    shape = {
        "vocab_size": len(vocabulary), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 2048,
        "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip
    config = getattr(transformers, f"{name}Config" if name != "Gemma3" else "Gemma3TextConfig")(
        **shape | changes
    )
    torch.manual_seed(1)
    model = getattr(transformers, f"{name}ForCausalLM")(config).eval()
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.12)
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, 5]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@converter
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Llama", {}),
        ("Llama", {"rope_parameters": LLAMA3}),
        ("Qwen2", {}),
        ("Qwen3", {"head_dim": 16}),
        ("Mistral", {}),
        ("Gemma3", {**GEMMA, "query_pre_attn_scalar": 16}),
        ("Gemma3", {**GEMMA, "query_pre_attn_scalar": 8}),
    ],
)
def test_a_conversion_gives_the_originals_numbers(name: str, changes: dict[str, Any], tmp_path: Path) -> None:
    parity = convert_folder(original(tmp_path / "hf", name, **changes), tmp_path / "out", "generator", name)
    assert parity.difference < 1e-5
    assert parity.agreement == 1.0
    own = json.loads((tmp_path / "out" / "promptyard.json").read_bytes())
    assert len(own["endTokens"]) == 2
    assert own.get("longestPrompt") == {"Gemma3": 32, "Mistral": 4096}.get(name)


@converter
@pytest.mark.parametrize(
    ("name", "changes"),
    [("Llama", {"rope_parameters": LLAMA3}), ("Gemma3", {**GEMMA, "query_pre_attn_scalar": 8})],
)
def test_without_its_mend_a_wrong_conversion_is_refused_with_the_number(
    name: str, changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "mend", lambda *_: ())
    source = original(tmp_path / "hf", name, **changes)
    with pytest.raises(EngineError, match=r"WGT007 it cannot be used: its numbers differ .* by 0\.\d+"):
        convert_folder(source, tmp_path / "out", "generator", "it")
    assert not (tmp_path / "out").exists()


@converter
def test_gemma_2_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gemma2"}))
    with pytest.raises(EngineError, match="WGT007 g cannot be used: CTranslate2 has no soft-capping"):
        convert_folder(tmp_path, tmp_path / "out", "generator", "g")


@converter
def test_a_folder_that_is_no_model_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EngineError, match="WGT005 nothing cannot be converted"):
        convert_folder(tmp_path, tmp_path / "out", "generator", "nothing")
    assert not (tmp_path / "out").exists()


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"promptyard\[convert\]"):
        convert("org/name", "main", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_token_that_a_model_does_not_have_gets_a_name(tmp_path: Path) -> None:
    place = tmp_path / "config.json"
    place.write_text(json.dumps({"bos_token": None, "eos_token": "<|end|>", "layer_norm_epsilon": None}))
    name_missing_tokens(place)
    assert json.loads(place.read_text()) == {
        "bos_token": "<|end|>",
        "eos_token": "<|end|>",
        "layer_norm_epsilon": None,
    }
